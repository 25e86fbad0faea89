-- Whether the session is entered in the index so.
local entries = redis.call('HGET', KEYS[1], 'x')
return entries and cmsgpack.unpack(entries)[ARGV[2]] == ARGV[3] and 1 or 0

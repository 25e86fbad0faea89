local basis, proof = arg(), arg()
local create_epoch, create_idle, create_absolute
if basis == 'create' then
    create_epoch, create_idle, create_absolute = arg(), number(), number()
end

-- Letters: what is asked for of what may be.
local asked = arg()

local function is_asked(letter)
    return string.find(asked, letter, 1, true) ~= nil
end

local function number_if(letter)
    return is_asked(letter) and number() or nil
end

local rotate, rotate_from, rotate_to, rotate_mark, recognised
if is_asked('r') then
    rotate, rotate_from, rotate_to, rotate_mark, recognised = arg(), arg(), arg(), arg(), number()
end
local touch, touch_due = number_if('t'), number_if('t')
local absolute, remember, retire = number_if('a'), number_if('m'), number_if('p')
local authenticated = is_asked('u')

local function list(read_item)
    local items = {}
    for position = 1, number() do
        items[position] = read_item()
    end
    return items
end

local function expect()
    return { name = arg(), revision = arg() }
end

-- A write: whether it has a value or buries one, and then when it ends, if not with the session.
local function set()
    local name, revision, kind, value = arg(), arg(), arg(), arg()
    return {
        name = name, revision = revision, value = value, has_value = string.sub(kind, 1, 1) == 'v' and 1 or 0,
        expiry = string.sub(kind, 2, 2), time = tonumber(string.sub(kind, 3)),
    }
end

local expects, sets = list(expect), list(set)
local removes = list(arg)
local indexes = list(function() return { name = arg(), has_value = arg() == '1', value = arg() } end)

local function applied(record, before, after)
    return { 'applied', meta(record), flat(before or {}), flat(after or {}) }
end

-- It was asked before. What it entered into indexes may still be without an end.
local function applied_before(record)
    return applied(record, nil, #indexes > 0 and index_entries() or nil)
end

local function refused(why)
    return { why }
end

-- The revisions of the writes to a field that were overwritten, the last first.
local function overwritten(name)
    return redis.call('HGET', key, 'o:' .. name) or ''
end

-- Whether a write of this commit is there already, or was overwritten since: it was asked before.
local function carries_writes()
    for _, set in ipairs(sets) do
        local field = read_field(set.name)
        if field and field.revision == set.revision or string.find(overwritten(set.name), set.revision, 1, true) then
            return true
        end
    end
    return false
end

-- The fields of a compare-and-swap as they are, if one of them is not as expected.
local function conflict()
    local current, differs = {}, false
    for position, expect in ipairs(expects) do
        local field = read_field(expect.name)
        local present = field and field.present
        current[position] = present and field.stored or false
        differs = differs or (present and field.revision or '') ~= expect.revision
    end
    return differs and current or nil
end

local function expires(set)
    if set.expiry == '+' then
        return later(set.time)
    end
    return set.expiry == '@' and set.time or 0
end

local function write_fields()
    local is_set = {}
    for _, set in ipairs(sets) do
        is_set[set.name] = true
        local before = read_field(set.name)
        if before then
            -- 16 of 8 bytes.
            redis.call('HSET', key, 'o:' .. set.name, string.sub(before.revision .. overwritten(set.name), 1, 128))
        end
        local head = struct.pack('>c0I8B', set.revision, expires(set), set.has_value)
        redis.call('HSET', key, 'f:' .. set.name, head .. set.value)
    end
    -- Not sooner: a server without memory refuses a script's first write, or none of them, and this one it never refuses.
    for _, name in ipairs(removes) do
        if not is_set[name] then
            redis.call('HDEL', key, 'f:' .. name)
        end
    end
end

local function write_index()
    if #indexes == 0 then
        return nil, nil
    end
    local before, after = index_entries(), index_entries()
    for _, change in ipairs(indexes) do
        after[change.name] = change.has_value and change.value or nil
    end
    if next(after) then
        redis.call('HSET', key, 'x', cmsgpack.pack(after))
    else
        redis.call('HDEL', key, 'x')
    end
    return before, after
end

local function replace_secret(record)
    if rotate == 'renew' then
        -- A renewal that came second is none.
        if rotate_mark ~= record.hash then
            return
        end
        record.kind, record.until_ = RENEWED, 0
    else
        record.epoch, record.kind, record.until_ = rotate_mark, SUPERSEDED, later(recognised)
    end
    record.previous, record.hash, record.since = rotate_from, rotate_to, now
end

local function write_meta(record)
    -- A predecessor that is presented itself does not end itself.
    local by_present = basis ~= 'secret' or proof == record.hash
    if retire and by_present and record.kind == RENEWED and record.until_ == 0 then
        record.until_ = later(retire)
    end
    if rotate then
        replace_secret(record)
    end
    if touch and math.min(record.idle + touch_due, FOREVER) < later(touch) then
        record.idle = later(touch)
    end
    if absolute then
        record.absolute = later(absolute)
    end
    if remember then
        record.idle, record.absolute, record.persistent = later(remember), later(remember), 1
    end
    if authenticated then
        record.authenticated = now
    end
end

local function write(record)
    write_fields()
    local before, after = write_index()
    write_meta(record)
    redis.call('HSET', key, 's', secret_text(record), 't', times_text(record))
    if record.previous then
        redis.call('HSET', key, 'p', previous_text(record))
    end
    -- The deadlines decide; the key only has to be gone some time after them.
    local left = math.min(record.idle, record.absolute) - now
    redis.call('PEXPIRE', key, text(math.ceil(left / 1000) + 60000))
    if absolute or remember then
        -- How long their entries are kept depends on it.
        after = after or index_entries()
    end
    return applied(record, before, after)
end

local record = read()
if basis == 'create' then
    if record then
        return is_live(record) and record.hash == proof and applied_before(record) or refused('gone')
    end
    local taken = redis.call('HGET', key, 'e')
    if taken and now < tonumber(taken) then
        return refused('gone')
    end
    local answer = write({
        hash = proof, since = now, epoch = create_epoch, created = now,
        idle = later(create_idle), absolute = later(create_absolute), authenticated = 0, persistent = 0,
    })
    -- Not sooner: see `write_fields`.
    redis.call('HDEL', key, 'e')
    return answer
end
if not record or not is_live(record) then
    return refused('gone')
end
-- Its new secret is what opens the session now, so that its guard does not.
if rotate and record.hash == rotate_to then
    return applied_before(record)
end
local admitted = admits(record, basis, proof)
if admitted ~= 'open' then
    return refused(admitted)
end
if carries_writes() then
    return applied_before(record)
end
local current = conflict()
if current then
    return { 'conflict', current }
end
return write(record)

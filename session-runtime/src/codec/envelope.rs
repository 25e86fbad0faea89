//! What stands before each stored value: one byte for the codec, the version (LEB128: seven bits a byte, lowest first, the
//! eighth says that more follow), and the eight bytes of the shape's fingerprint.

use std::fmt;
use std::str::FromStr;

use super::shape::Fingerprint;
use super::{Codec, CodecError, MAX_VALUE_BYTES};

/// Stands before a value that was sealed; also kept for ever.
pub(crate) const SEALED: u8 = 3;

/// Stands where a value was stored that was not sealed, though it should be; never in a store.
pub(crate) const NOT_SEALED: u8 = 0;

/// How and as what a value was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) codec: Codec,
    pub(crate) version: u32,
    pub(crate) fingerprint: Fingerprint,
}

/// A stored value, taken apart.
#[derive(Clone, Copy, Debug)]
pub struct Envelope<'b> {
    pub(crate) written: Written,
    pub(crate) payload: &'b [u8],
}

impl Codec {
    /// Kept for ever: they are in every store.
    fn byte(self) -> u8 {
        match self {
            Self::Bincode => 1,
            Self::Json => 2,
        }
    }

    fn of_byte(byte: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|codec| codec.byte() == byte)
    }
}

impl Written {
    /// Writes what stands before the value.
    pub(super) fn begin(self, bytes: &mut Vec<u8>) {
        bytes.push(self.codec.byte());
        let mut rest = self.version;
        while rest > 0x7f {
            bytes.push(rest as u8 | 0x80);
            rest >>= 7;
        }
        bytes.push(rest as u8);
        bytes.extend_from_slice(&self.fingerprint.0);
    }
}

impl<'b> Envelope<'b> {
    /// Takes a stored value apart.
    pub(crate) fn open(bytes: &'b [u8]) -> Result<Self, CodecError> {
        if bytes.len() > MAX_VALUE_BYTES {
            return Err(CodecError::new(format!("{} bytes are more than any value has", bytes.len())));
        }
        let (codec, rest) = bytes.split_first().ok_or_else(too_short)?;
        let codec = Codec::of_byte(*codec).ok_or_else(|| unreadable(*codec))?;
        let (version, rest) = version(rest)?;
        let (fingerprint, payload) = rest.split_first_chunk().ok_or_else(too_short)?;
        let written = Written { codec, version, fingerprint: Fingerprint(*fingerprint) };
        Ok(Self { written, payload })
    }
}

fn version(bytes: &[u8]) -> Result<(u32, &[u8]), CodecError> {
    let mut version = 0;
    for (at, byte) in bytes.iter().enumerate().take(5) {
        version |= u64::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            let version = version.try_into().map_err(|_| CodecError::new("the version is no 32-bit number"))?;
            return Ok((version, &bytes[at + 1..]));
        }
    }
    Err(too_short())
}

fn unreadable(codec: u8) -> CodecError {
    match codec {
        SEALED => CodecError::new("encrypted, and not by a key that is here for this field of this session"),
        NOT_SEALED => CodecError::new("stored without encryption, which this manager does not accept"),
        other => CodecError::new(format!("written by codec {other}, which this version does not know")),
    }
}

fn too_short() -> CodecError {
    CodecError::new("no whole envelope")
}

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (version {}, {})", self.fingerprint, self.version, self.codec.name())
    }
}

/// The text that `Display` writes, read again.
impl FromStr for Written {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (fingerprint, rest) = text.split_once(" (version ").ok_or(())?;
        let (version, codec) = rest.strip_suffix(')').and_then(|rest| rest.split_once(", ")).ok_or(())?;
        Ok(Self {
            codec: Codec::ALL.into_iter().find(|known| known.name() == codec).ok_or(())?,
            version: version.parse().map_err(drop)?,
            fingerprint: fingerprint.parse()?,
        })
    }
}

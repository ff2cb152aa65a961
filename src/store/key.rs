//! The secret key of a store. Hashes of people are keyed with it, so that somebody who only has the hashes cannot find
//! out by trial whose they are, and the hashes of two stores cannot be compared.

use crate::error::{Error, Result};

const BYTES: usize = 32;

/// A random key, made when the store is created.
#[derive(Clone)]
pub(super) struct PeopleKey([u8; BYTES]);

/// What a hash is of. The same text has different hashes as different kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    /// A customer's id.
    Id = 1,
    /// A phone number.
    Phone = 2,
    /// An e-mail address.
    Mail = 3,
    /// An order's id.
    Order = 4,
}

/// A keyed BLAKE3 hash, cut to 128 bits.
pub(super) type Hash = [u8; 16];

impl PeopleKey {
    /// Makes a new key, in hexadecimal as the manifest has it.
    pub(super) fn make() -> Result<String> {
        let mut bytes = [0_u8; BYTES];
        getrandom::fill(&mut bytes)
            .map_err(|error| Error::Internal(format!("no random numbers: {error}")))?;
        Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// Parses the key of a manifest; `None` if it has none, like those of earlier versions.
    pub(super) fn of(text: &str) -> Option<Self> {
        let mut bytes = [0_u8; BYTES];
        for (i, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(text.get(2 * i..2 * i + 2)?, 16).ok()?;
        }
        Some(Self(bytes))
    }

    /// The keyed hash of a text.
    pub(super) fn hash(&self, kind: Kind, text: &[u8]) -> Hash {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        hasher.update(&[kind as u8]).update(text);
        let mut hash = Hash::default();
        hasher.finalize_xof().fill(&mut hash);
        hash
    }

    /// Turns a segment's hashes of recipients into what its file has, and back. The analyses use a quick hash without a
    /// key, and compare the hashes of all files; in the files they must not be recognisable. `start` is the row of the
    /// first hash.
    pub(super) fn veil(&self, segment: u64, start: usize, recipients: &mut [Option<u64>]) {
        const AT_ONCE: usize = 1 << 13;
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        let mut stream = hasher.update(b"recipients").update(&segment.to_le_bytes()).finalize_xof();
        stream.set_position(start as u64 * 8);
        let mut bytes = vec![0_u8; AT_ONCE * 8];
        for some in recipients.chunks_mut(AT_ONCE) {
            stream.fill(&mut bytes);
            for (recipient, mask) in some.iter_mut().zip(bytes.chunks_exact(8)) {
                let mask = mask.try_into().map_or(0, u64::from_le_bytes);
                recipient.iter_mut().for_each(|recipient| *recipient ^= mask);
            }
        }
    }
}

impl std::fmt::Debug for PeopleKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PeopleKey")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> PeopleKey {
        PeopleKey::of(&PeopleKey::make().expect("random numbers")).expect("a key")
    }

    #[test]
    fn hashes_depend_on_the_key_the_kind_and_the_text() {
        let (one, other) = (key(), key());
        assert_eq!(one.hash(Kind::Id, b"ann"), one.hash(Kind::Id, b"ann"));
        assert_ne!(one.hash(Kind::Id, b"ann"), other.hash(Kind::Id, b"ann"));
        assert_ne!(one.hash(Kind::Id, b"ann"), one.hash(Kind::Order, b"ann"));
        assert_ne!(one.hash(Kind::Id, b"ann"), one.hash(Kind::Id, b"anna"));
        // Checked with the published test vectors of BLAKE3: keyed, the input is a single byte 0.
        let key = PeopleKey(*b"whats the Elvish word for friend");
        let hash = blake3::keyed_hash(&key.0, &[0]);
        assert!(hash.to_hex().starts_with("6d7878dfff2f485635d39013278ae14f"));
    }

    #[test]
    fn veiled_recipients_come_back_and_equal_ones_do_not_look_equal() {
        let key = key();
        let plain: Vec<Option<u64>> = (0..20_000_u64).map(|i| (i % 3 > 0).then_some(i % 5)).collect();
        let mut veiled = plain.clone();
        key.veil(7, 0, &mut veiled);
        let seen: std::collections::HashSet<u64> = veiled.iter().flatten().copied().collect();
        assert_eq!(seen.len(), plain.iter().flatten().count());
        assert!(plain.iter().zip(&veiled).all(|(plain, veiled)| plain.is_some() == veiled.is_some()));
        let mut other = plain.clone();
        key.veil(8, 0, &mut other);
        assert_ne!(veiled, other);
        // The result is the same in pieces as all at once.
        let (first, rest) = veiled.split_at_mut(12_345);
        key.veil(7, 12_345, rest);
        key.veil(7, 0, first);
        assert_eq!(veiled, plain);
    }

    #[test]
    fn what_is_no_key_is_none() {
        for text in ["", "00", "zz".repeat(32).as_str(), "é".repeat(32).as_str()] {
            assert!(PeopleKey::of(text).is_none(), "{text}");
        }
        assert!(!format!("{:?}", key()).contains('['));
    }
}

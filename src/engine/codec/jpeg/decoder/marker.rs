//! The codes of markers (ITU-T T.81, table B.1), and where one is.

pub(super) const SOI: u8 = 0xD8;
pub(super) const EOI: u8 = 0xD9;
pub(super) const SOS: u8 = 0xDA;
pub(super) const RST: std::ops::RangeInclusive<u8> = 0xD0..=0xD7;
pub(super) const DHT: u8 = 0xC4;
pub(super) const DQT: u8 = 0xDB;
pub(super) const DRI: u8 = 0xDD;

/// Where the first marker at or after an offset is, fill bytes passed over: the 0xFF right before its code.
pub(super) fn next_marker(source: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let rest = source.get(at..)?;
        // By steps that the compiler turns into vectors.
        let steps = rest
            .chunks_exact(32)
            .take_while(|step| {
                step.iter()
                    .fold(0, |any, &byte| any | u8::from(byte == 0xFF))
                    == 0
            })
            .count();
        at += steps * 32;
        at += source.get(at..)?.iter().position(|&byte| byte == 0xFF)?;
        if !matches!(source.get(at + 1)?, 0x00 | 0xFF) {
            return Some(at);
        }
        at += 1;
    }
}

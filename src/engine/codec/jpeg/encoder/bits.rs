/// Entropy-coded bits, with a zero byte behind each byte of ones (T.81, F.1.2.3).
pub(super) struct BitWriter<'a> {
    bytes: &'a mut Vec<u8>,
    /// The bits that are not yet written, the last one lowest.
    pending: u64,
    count: u32,
}

impl<'a> BitWriter<'a> {
    pub(super) fn new(bytes: &'a mut Vec<u8>) -> Self {
        Self {
            bytes,
            pending: 0,
            count: 0,
        }
    }

    /// Writes the lowest `length` bits, at most 32, of a value that has no others.
    pub(super) fn write(&mut self, bits: u32, length: u32) {
        self.pending = self.pending << length | u64::from(bits);
        self.count += length;
        if self.count >= 32 {
            self.count -= 32;
            #[expect(clippy::cast_possible_truncation, reason = "the rest stays pending")]
            let word = (self.pending >> self.count) as u32;
            self.word(word);
        }
    }

    fn word(&mut self, word: u32) {
        let bytes = word.to_be_bytes();
        // Whether a byte is all ones: then the next higher bit changes where one is added.
        let carries = (word & 0x8080_8080) & !word.wrapping_add(0x0101_0101);
        if carries == 0 {
            self.bytes.extend_from_slice(&bytes);
        } else {
            for byte in bytes {
                self.byte(byte);
            }
        }
    }

    fn byte(&mut self, byte: u8) {
        self.bytes.push(byte);
        if byte == 0xFF {
            self.bytes.push(0);
        }
    }

    /// Fills the last byte with ones.
    pub(super) fn finish(mut self) {
        let fill = (8 - self.count % 8) % 8;
        self.write((1 << fill) - 1, fill);
        while self.count > 0 {
            self.count -= 8;
            #[expect(clippy::cast_possible_truncation, reason = "the rest stays pending")]
            let byte = (self.pending >> self.count) as u8;
            self.byte(byte);
        }
    }
}

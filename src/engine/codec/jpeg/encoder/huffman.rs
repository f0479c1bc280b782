/// The longest code that a file can have.
const MAX_LENGTH: usize = 16;

/// A Huffman code of the symbols of one table.
#[derive(Clone, Debug)]
pub(super) struct HuffmanCode {
    /// How many codes there are of each length from 1.
    pub(super) counts: [u8; MAX_LENGTH],
    /// The symbols, from the shortest code to the longest.
    pub(super) symbols: Vec<u8>,
    /// The code and its length for each symbol. The length of one that does not occur is zero.
    codes: [(u16, u8); 256],
}

impl HuffmanCode {
    /// The code with the least bits for symbols that occur so often. No code is of ones alone, as T.81 demands (annex C).
    pub(super) fn optimal(frequencies: &[u64; 256]) -> Self {
        // `None` takes the code of ones: it is the rarest, and so has one of the longest codes.
        let mut leaves: Vec<(u64, Option<u8>)> = (0..=u8::MAX)
            .zip(frequencies)
            .filter(|&(_, &count)| count > 0)
            .map(|(symbol, &count)| (count, Some(symbol)))
            .collect();
        leaves.push((0, None));
        leaves.sort_unstable();

        let weights: Vec<u64> = leaves.iter().map(|&(weight, _)| weight).collect();
        let lengths = lengths(&weights);
        let mut code = Self {
            counts: [0; MAX_LENGTH],
            symbols: Vec::with_capacity(leaves.len()),
            codes: [(0, 0); 256],
        };
        let mut next: u16 = 0;
        let mut last_length = 1;
        // Lengths fall as weights grow, and `None` comes first there: it is last here.
        for (&(_, symbol), &length) in leaves.iter().zip(&lengths).rev() {
            let Some(symbol) = symbol else { continue };
            next <<= length - last_length;
            last_length = length;
            code.codes[usize::from(symbol)] = (next, length);
            code.counts[usize::from(length) - 1] += 1;
            code.symbols.push(symbol);
            next += 1;
        }
        code
    }

    /// The code of a symbol and its length in bits.
    pub(super) fn of(&self, symbol: u8) -> (u16, u8) {
        self.codes[usize::from(symbol)]
    }
}

/// The lengths of the best code, at most [`MAX_LENGTH`], for weights in rising order: package-merge.
///
/// For each level there is a list of the leaves and of pairs of the list before it, in rising order. Of the last list the
/// first `2n - 2` items are taken, and with a pair what it is made of; a leaf is as long as the times that it was taken.
fn lengths(weights: &[u64]) -> Vec<u8> {
    let mut lengths = vec![0; weights.len()];
    // For each level, whether an item is a leaf.
    let mut levels: Vec<Vec<bool>> = Vec::with_capacity(MAX_LENGTH);
    let mut items: Vec<u64> = Vec::new();
    for _ in 0..MAX_LENGTH {
        let mut pairs = items
            .chunks_exact(2)
            .map(|pair| pair[0] + pair[1])
            .peekable();
        let mut leaves = weights.iter().copied().peekable();
        let mut merged = Vec::with_capacity(2 * weights.len());
        let mut is_leaf = Vec::with_capacity(2 * weights.len());
        loop {
            let leaf = match (leaves.peek(), pairs.peek()) {
                (Some(leaf), Some(pair)) => leaf <= pair,
                (Some(_), None) => true,
                (None, Some(_)) => false,
                (None, None) => break,
            };
            is_leaf.push(leaf);
            merged.extend(if leaf { leaves.next() } else { pairs.next() });
        }
        levels.push(is_leaf);
        items = merged;
    }

    let mut taken = (2 * weights.len()).saturating_sub(2);
    for level in levels.iter().rev() {
        let leaves = level.iter().take(taken).filter(|&&leaf| leaf).count();
        for length in lengths.iter_mut().take(leaves) {
            *length += 1;
        }
        taken = 2 * (taken - leaves);
    }
    // A single symbol needs a bit, too: a file knows no code of no length.
    lengths
}

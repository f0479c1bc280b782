//! The transform, the tables and the codes, each by itself.

use std::f64::consts::{PI, SQRT_2};
use std::fmt::Write;

use proptest::prelude::*;

use super::super::bits::BitWriter;
use super::super::dct;
use super::super::huffman::HuffmanCode;
use super::super::quantization::{Quantizer, ZIGZAG};
use super::super::steps;

#[test]
fn the_transform_is_that_of_the_standard() {
    for seed in 0..20u32 {
        let samples: [[f32; 8]; 8] = std::array::from_fn(|y| {
            std::array::from_fn(|x| {
                let hash = (seed * 64 + y as u32 * 8 + x as u32 + 1).wrapping_mul(2_654_435_761);
                (hash >> 24) as f32 - 128.0
            })
        });
        let transformed = dct::forward(&samples);
        for (u, v) in (0..8).flat_map(|u| (0..8).map(move |v| (u, v))) {
            let mut sum = 0.0;
            for (y, row) in samples.iter().enumerate() {
                for (x, &sample) in row.iter().enumerate() {
                    let wave =
                        |at: usize, k: usize| ((2 * at + 1) as f64 * k as f64 * PI / 16.0).cos();
                    sum += f64::from(sample) * wave(x, u) * wave(y, v);
                }
            }
            let c = |k: usize| if k == 0 { 1.0 / SQRT_2 } else { 1.0 };
            let wanted = sum * c(u) * c(v) / 4.0;
            let got = transformed[u][v] / (dct::scale(u) * dct::scale(v));
            assert!(
                (f64::from(got) - wanted).abs() < 1e-3,
                "{u} {v}: {got}, not {wanted}"
            );
        }
    }
}

#[test]
fn steps_shrink_as_quality_rises_and_grow_with_the_frequency() {
    for subsampled in [false, true] {
        let mut last = [[[255; 8]; 8]; 2];
        for quality in 1..=100 {
            let tables = steps::tables(quality, subsampled);
            for (table, last) in tables.iter().zip(&last) {
                for (y, x) in (0..8).flat_map(|y| (0..8).map(move |x| (y, x))) {
                    let step = table[y][x];
                    assert!(step >= 1 && step <= last[y][x], "{quality} {x} {y}");
                    assert_eq!(step, table[x][y]);
                    assert!(x == 0 || step >= table[y][x - 1], "{quality} {x} {y}");
                }
            }
            last = tables;
        }
        assert_eq!(last, [[[1; 8]; 8]; 2]);
    }
}

#[test]
fn the_file_has_the_steps_in_zigzag_order() {
    let steps = std::array::from_fn(|y| std::array::from_fn(|x| (y * 8 + x + 1) as u8));
    let quantizer = Quantizer::new(&steps);
    assert_eq!(quantizer.steps, ZIGZAG.map(|place| place + 1));
}

#[test]
fn the_zigzag_goes_to_each_place_once_and_only_to_neighbours() {
    let mut places = ZIGZAG;
    places.sort_unstable();
    assert!(
        places
            .iter()
            .enumerate()
            .all(|(at, &place)| at == usize::from(place))
    );
    for pair in ZIGZAG.windows(2) {
        let (row, column) = (pair[0] / 8, pair[0] % 8);
        let (next_row, next_column) = (pair[1] / 8, pair[1] % 8);
        assert!(
            row.abs_diff(next_row) <= 1 && column.abs_diff(next_column) <= 1,
            "{pair:?}"
        );
    }
}

/// Checks all that T.81 demands of a code, and returns how many bits it takes, and how many the longest code has.
fn checked(frequencies: &[u64; 256]) -> (u128, u8) {
    let code = HuffmanCode::optimal(frequencies);
    let used = frequencies.iter().filter(|&&count| count > 0).count();
    assert_eq!(code.symbols.len(), used);
    assert_eq!(
        code.counts
            .iter()
            .map(|&count| usize::from(count))
            .sum::<usize>(),
        used
    );

    let mut bits = 0;
    let mut seen: Vec<(u16, u8)> = Vec::new();
    let mut space = 0u32;
    for (symbol, &count) in frequencies.iter().enumerate() {
        let (word, length) = code.of(symbol as u8);
        assert_eq!(length > 0, count > 0);
        if length > 0 {
            assert!(length <= 16);
            assert!(u32::from(word) < (1 << length) - 1, "a code of ones");
            seen.push((word, length));
            space += 1 << (16 - length);
            bits += u128::from(count) * u128::from(length);
        }
    }
    // Complete, but for the code of ones, which is one of the longest.
    let longest = seen.iter().map(|&(_, length)| length).max();
    if let Some(longest) = longest {
        assert_eq!(space + (1 << (16 - longest)), 1 << 16);
    }
    for (at, &(word, length)) in seen.iter().enumerate() {
        for &(other, other_length) in &seen[at + 1..] {
            let shorter = length.min(other_length);
            assert_ne!(
                word >> (length - shorter),
                other >> (other_length - shorter)
            );
        }
    }
    // As a decoder counts them up.
    let mut symbols = code.symbols.iter();
    let mut word = 0;
    for (length, &count) in (1..).zip(&code.counts) {
        for symbol in symbols.by_ref().take(count.into()) {
            assert_eq!(code.of(*symbol), (word, length));
            word += 1;
        }
        word <<= 1;
    }
    (bits, longest.unwrap_or(0))
}

/// The bits of Huffman's own code, of any length, with a symbol that never occurs for the code of ones.
fn huffman(frequencies: &[u64; 256]) -> u128 {
    let mut heap: std::collections::BinaryHeap<_> = frequencies
        .iter()
        .filter(|&&count| count > 0)
        .map(|&count| std::cmp::Reverse(u128::from(count)))
        .collect();
    heap.push(std::cmp::Reverse(0));
    let mut bits = 0;
    while let (Some(std::cmp::Reverse(a)), Some(std::cmp::Reverse(b))) = (heap.pop(), heap.pop()) {
        bits += a + b;
        heap.push(std::cmp::Reverse(a + b));
        if heap.len() == 1 {
            break;
        }
    }
    bits
}

#[test]
fn codes_of_adversarial_statistics_are_not_too_long() {
    // Fibonacci's numbers make the longest codes.
    let mut frequencies = [0; 256];
    let (mut a, mut b) = (1u64, 1u64);
    for frequency in frequencies.iter_mut().take(80) {
        *frequency = a;
        (a, b) = (b, a + b);
    }
    let (bits, longest) = checked(&frequencies);
    assert!(longest == 16 && bits > huffman(&frequencies));
    let mut powers = [1; 256];
    for (at, frequency) in powers.iter_mut().enumerate().take(60) {
        *frequency = 1 << at;
    }
    checked(&powers);
    checked(&[1; 256]);
    checked(&[1 << 40; 256]);
    let mut one = [0; 256];
    one[17] = 5;
    assert_eq!(checked(&one), (5, 1));
    assert!(HuffmanCode::optimal(&[0; 256]).symbols.is_empty());
}

proptest! {
    #[test]
    fn codes_are_huffmans(counts in prop::collection::vec((any::<u8>(), 0..1000u64), 1..300)) {
        let mut frequencies = [0; 256];
        for (symbol, count) in counts {
            frequencies[usize::from(symbol)] += count;
        }
        let (bits, longest) = checked(&frequencies);
        // Only what had to be shortened may take more.
        if longest < 16 {
            prop_assert_eq!(bits, if bits == 0 { 0 } else { huffman(&frequencies) });
        }
    }

    #[test]
    fn bits_come_out_in_order_and_stuffed(values in prop::collection::vec((any::<u32>(), 0..=32u32), 0..200)) {
        let mut bytes = Vec::new();
        let mut writer = BitWriter::new(&mut bytes);
        let mut wanted = String::new();
        for (value, length) in values {
            let value = if length == 32 { value } else { value & ((1 << length) - 1) };
            writer.write(value, length);
            if length > 0 {
                let _ = write!(wanted, "{value:0width$b}", width = length as usize);
            }
        }
        writer.finish();
        while !wanted.len().is_multiple_of(8) {
            wanted.push('1');
        }
        let mut got = String::new();
        let mut stuffed = bytes.iter();
        while let Some(byte) = stuffed.next() {
            let _ = write!(got, "{byte:08b}");
            if *byte == 0xFF {
                prop_assert_eq!(stuffed.next(), Some(&0));
            }
        }
        prop_assert_eq!(got, wanted);
    }
}

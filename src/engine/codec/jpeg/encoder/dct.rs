/// The samples of a block, or its coefficients: eight rows of eight.
pub(super) type Matrix = [[f32; 8]; 8];

/// What [`forward`] leaves to be divided by, in row and in column: it computes the transform of T.81, A.3.3, with the
/// scaling left out as Arai, Agui and Nakajima have it, so that quantisation does both in one multiplication.
pub(super) fn scale(frequency: usize) -> f32 {
    const SCALES: [f32; 8] = [
        1.0,
        1.387_039_8,
        1.306_563,
        1.175_875_6,
        1.0,
        0.785_694_96,
        0.541_196_1,
        0.275_899_4,
    ];
    SCALES[frequency % 8] * 8f32.sqrt()
}

/// The forward cosine transform. Its rows come out as columns: `output[x][y]` is the coefficient of `x` horizontal and `y`
/// vertical half waves, times the [`scale`] of both.
pub(super) fn forward(samples: &Matrix) -> Matrix {
    transform(&transpose(&transform(samples)))
}

fn transpose(matrix: &Matrix) -> Matrix {
    let mut turned = [[0.0; 8]; 8];
    for (y, row) in matrix.iter().enumerate() {
        for (x, &value) in row.iter().enumerate() {
            turned[x][y] = value;
        }
    }
    turned
}

/// Transforms all columns at once: eight lanes that the compiler makes vectors of.
fn transform(rows: &Matrix) -> Matrix {
    const COS_2: f32 = std::f32::consts::FRAC_1_SQRT_2; // cos 2π/8
    const COS_3: f32 = 0.382_683_43; // cos 3π/8
    const DIFFERENCE: f32 = 0.541_196_1; // cos π/8 - cos 3π/8
    const SUM: f32 = 1.306_563; // cos π/8 + cos 3π/8

    let mut output = [[0.0; 8]; 8];
    for lane in 0..8 {
        let at = |row: usize| rows[row][lane];
        let (sum_07, difference_07) = (at(0) + at(7), at(0) - at(7));
        let (sum_16, difference_16) = (at(1) + at(6), at(1) - at(6));
        let (sum_25, difference_25) = (at(2) + at(5), at(2) - at(5));
        let (sum_34, difference_34) = (at(3) + at(4), at(3) - at(4));

        let (outer_sum, outer_difference) = (sum_07 + sum_34, sum_07 - sum_34);
        let (inner_sum, inner_difference) = (sum_16 + sum_25, sum_16 - sum_25);
        output[0][lane] = outer_sum + inner_sum;
        output[4][lane] = outer_sum - inner_sum;
        let turned = (inner_difference + outer_difference) * COS_2;
        output[2][lane] = outer_difference + turned;
        output[6][lane] = outer_difference - turned;

        let low = difference_34 + difference_25;
        let middle = (difference_25 + difference_16) * COS_2;
        let high = difference_16 + difference_07;
        let shared = (low - high) * COS_3;
        let low = low * DIFFERENCE + shared;
        let high = high * SUM + shared;
        let (plus, minus) = (difference_07 + middle, difference_07 - middle);
        output[5][lane] = minus + low;
        output[3][lane] = minus - low;
        output[1][lane] = plus + high;
        output[7][lane] = plus - high;
    }
    output
}

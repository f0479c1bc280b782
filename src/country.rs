//! Country codes.

use std::fmt;
use std::str::FromStr;

/// The code of a country: one of the assigned codes of ISO 3166-1 alpha-2, or `XK` (Kosovo), which is in use everywhere
/// though ISO has not assigned it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CountryCode([u8; 2]);

/// The assigned codes (249, as of the ISO Online Browsing Platform in 2026) and `XK`, in order.
const CODES: &str = "\
    ADAEAFAGAIALAMAOAQARASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBVBWBYBZ\
    CACCCDCFCGCHCICKCLCMCNCOCRCUCVCWCXCYCZDEDJDKDMDODZECEEEGEHERESET\
    FIFJFKFMFOFRGAGBGDGEGFGGGHGIGLGMGNGPGQGRGSGTGUGWGYHKHMHNHRHTHU\
    IDIEILIMINIOIQIRISITJEJMJOJPKEKGKHKIKMKNKPKRKWKYKZLALBLCLILKLRLSLTLULVLY\
    MAMCMDMEMFMGMHMKMLMMMNMOMPMQMRMSMTMUMVMWMXMYMZNANCNENFNGNINLNONPNRNUNZOM\
    PAPEPFPGPHPKPLPMPNPRPSPTPWPYQARERORSRURWSASBSCSDSESGSHSISJSKSLSMSNSOSRSSSTSVSXSYSZ\
    TCTDTFTGTHTJTKTLTMTNTOTRTTTVTWTZUAUGUMUSUYUZVAVCVEVGVIVNVUWFWSXKYEYTZAZMZW";

impl CountryCode {
    /// Every code, in order.
    pub fn all() -> impl Iterator<Item = Self> {
        let (codes, _) = CODES.as_bytes().as_chunks();
        codes.iter().copied().map(Self)
    }

    /// Reads a code in any case. `None` where it is not one: a region such as `EU`, `T1` or `XX`, a longer name.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let code = Self(
            <[u8; 2]>::try_from(text)
                .ok()?
                .map(|byte| byte.to_ascii_uppercase()),
        );
        let (codes, _) = CODES.as_bytes().as_chunks();
        codes.binary_search(&code.0).is_ok().then_some(code)
    }

    /// The two letters, in upper case.
    #[cfg(feature = "geo")]
    pub(crate) fn letters(self) -> [u8; 2] {
        self.0
    }

    /// The code, in upper case.
    pub fn as_str(&self) -> &str {
        // Only assigned codes are ever stored, and they are ASCII.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for CountryCode {
    type Err = InvalidCountryCode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text.as_bytes()).ok_or_else(|| InvalidCountryCode { text: text.into() })
    }
}

impl fmt::Display for CountryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for CountryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CountryCode({self})")
    }
}

/// A text is no country code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidCountryCode {
    text: Box<str>,
}

impl fmt::Display for InvalidCountryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} is not an assigned ISO 3166-1 alpha-2 country code",
            self.text
        )?;
        if self.text.eq_ignore_ascii_case("UK") {
            f.write_str(" (the United Kingdom is GB)")?;
        }
        Ok(())
    }
}

impl std::error::Error for InvalidCountryCode {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole_and_in_order() {
        let all: Vec<_> = CountryCode::all().collect();
        assert_eq!(all.len(), 250);
        assert!(all.is_sorted());
    }

    #[test]
    fn any_case_is_read() {
        for text in ["de", "De", "DE", "xk"] {
            assert_eq!(
                text.parse::<CountryCode>().unwrap().as_str(),
                text.to_uppercase()
            );
        }
    }

    #[test]
    fn what_is_no_country_is_refused_by_name() {
        for text in ["", "D", "DEU", "EU", "XX", "T1", "AP", "UK", "é"] {
            let error = text.parse::<CountryCode>().unwrap_err();
            assert!(error.to_string().contains(&format!("{text:?}")), "{error}");
        }
    }
}

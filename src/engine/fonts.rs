use std::fmt;
use std::sync::Arc;

use cosmic_text::fontdb::{Database, Family, Query, Source, Style, Weight};

/// Fonts that come with the library, under the licence in `assets/fonts`.
const BUNDLED: [&[u8]; 2] = [
    include_bytes!("../../assets/fonts/DejaVuSans.ttf"),
    include_bytes!("../../assets/fonts/DejaVuSans-Bold.ttf"),
];
const FIRST: &str = "DejaVu Sans";

/// The fonts that texts are set in: `DejaVu Sans`, regular and bold, for Latin, Greek and Cyrillic; and those that are added.
/// The system's are never looked for.
///
/// A family is found by its name. A character that its font lacks is taken from another that has it.
///
/// ```
/// use imgward::engine::{Engine, Fonts};
///
/// assert!(Fonts::new().with(b"no font".to_vec()).is_err());
/// let engine = Engine::default().fonts(Fonts::new());
/// ```
#[derive(Clone)]
pub struct Fonts {
    database: Database,
}

impl Fonts {
    /// Those that come with the library.
    pub fn new() -> Self {
        let mut database = Database::new();
        for font in BUNDLED {
            database.load_font_source(Source::Binary(Arc::new(font)));
        }
        Self { database }
    }

    /// These, and one more: the bytes of a TrueType or OpenType file, or of a collection of them.
    pub fn with(mut self, font: Vec<u8>) -> Result<Self, FontError> {
        let faces = self
            .database
            .load_font_source(Source::Binary(Arc::new(font)));
        if faces.is_empty() {
            return Err(FontError);
        }
        Ok(self)
    }

    /// Which there are, in their order, by a digest of each.
    #[cfg(feature = "cache")]
    pub(crate) fn write_key(&self, sink: &mut crate::recipe::key::Sink) {
        use sha2::{Digest as _, Sha256};
        for face in self.database.faces() {
            let digest = |data: &[u8], index: u32| (Sha256::digest(data), index);
            if let Some((digest, index)) = self.database.with_face_data(face.id, digest) {
                sink.bytes(&digest);
                sink.bytes(&index.to_le_bytes());
            }
        }
    }

    pub(super) fn database(&self) -> Database {
        self.database.clone()
    }

    /// The first family of a list that is there, separated by commas, with the weight and the slant that are nearest.
    pub(super) fn find(&self, families: &str, bold: bool, italic: bool) -> Face {
        let names = families
            .split(',')
            .map(|name| name.trim().trim_matches(['"', '\'']));
        let known = names.filter_map(|name| {
            let faces = self.database.faces().flat_map(|face| &face.families);
            let mut known = faces.map(|(family, _)| family);
            known.find(|family| family.eq_ignore_ascii_case(name))
        });
        let family = known.map(String::as_str).next().unwrap_or(FIRST);
        let wanted = if bold { Weight::BOLD } else { Weight::NORMAL };
        let query = Query {
            families: &[Family::Name(family)],
            weight: wanted,
            style: if italic { Style::Italic } else { Style::Normal },
            ..Query::default()
        };
        let found = self.database.query(&query);
        let face = found.and_then(|id| self.database.face(id));
        Face {
            id: found,
            family: family.to_owned(),
            weight: face.map_or(wanted, |face| face.weight),
            style: face.map_or(Style::Normal, |face| face.style),
        }
    }
}

impl Default for Fonts {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Fonts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.database.faces().map(|face| &face.post_script_name);
        f.debug_list().entries(names).finish()
    }
}

/// A font that was found.
#[derive(Clone, Debug)]
pub(super) struct Face {
    pub(super) id: Option<cosmic_text::fontdb::ID>,
    pub(super) family: String,
    pub(super) weight: Weight,
    pub(super) style: Style,
}

/// Bytes are no font that can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FontError;

impl fmt::Display for FontError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the bytes are no TrueType or OpenType font")
    }
}

impl std::error::Error for FontError {}

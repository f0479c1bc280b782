use bytes::Bytes;

use crate::config::document::{Document, Spot};
use crate::config::file::ConfigFile;
use crate::config::table::Table;
use crate::guard::RejectionKind;
use crate::placeholder::PlaceholderLayer;
use crate::transform::TransformLayer;

/// The images that are shown instead of refusals, and where they are named.
#[derive(Clone, Debug, Default)]
pub(in crate::config) struct OnError(Vec<(RejectionKind, Bytes, Spot)>);

/// `on_error`: files by the codes of refusals.
pub(in crate::config) fn read(table: &Table<'_>) -> OnError {
    let document = table.document();
    let images = table
        .texts("on_error")
        .into_iter()
        .filter_map(|(code, file)| {
            let kinds = PlaceholderLayer::KINDS;
            let Some(&kind) = kinds.iter().find(|kind| kind.code() == code) else {
                let codes = kinds.iter().map(|kind| format!("{:?}", kind.code()));
                let codes = codes.collect::<Vec<_>>().join(", ");
                document.error(&file.spot, format!("{code:?} is not one of {codes}"));
                return None;
            };
            match contents(&document.file(document.resolve(&file.text))) {
                Ok(image) => Some((kind, image, file.spot)),
                Err(error) => {
                    document.error(&file.spot, error);
                    None
                }
            }
        });
    OnError(images.collect())
}

fn contents(file: &ConfigFile) -> Result<Bytes, String> {
    let path = file.path();
    let is_file = std::fs::metadata(path).map(|metadata| metadata.is_file());
    match is_file.and_then(|is_file| is_file.then(|| file.read()).transpose()) {
        Ok(Some(bytes)) => Ok(bytes.into()),
        Ok(None) => Err(format!("{} is no file", path.display())),
        Err(error) => Err(format!("{} cannot be read: {error}", path.display())),
    }
}

impl OnError {
    /// The layer of a mount whose images `transform` makes. `None` where every refusal stays one, or there is a mistake,
    /// which is reported.
    pub(in crate::config) fn layer(
        &self,
        transform: &TransformLayer,
        document: &Document<'_>,
    ) -> Option<PlaceholderLayer> {
        let mut layer = PlaceholderLayer::new(transform);
        for (kind, image, spot) in &self.0 {
            match layer.clone().image(*kind, image.clone()) {
                Ok(with_image) => layer = with_image,
                Err(error) => document.error(spot, error.to_string()),
            }
        }
        (!self.0.is_empty()).then_some(layer)
    }
}

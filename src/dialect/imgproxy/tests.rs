use super::*;
use crate::recipe::{Align, Gravity, Length, Resize, ResizeMode, Step};

fn parsed_by(settings: &Imgproxy, path: &str) -> Result<ImageRequest, Rejection> {
    let path: &'static str = path.to_owned().leak();
    parse(
        &VerifiedTarget::for_test(path, true),
        settings,
        Site::default(),
    )
}

fn parsed(path: &str) -> ImageRequest {
    match parsed_by(&Imgproxy::new(), path) {
        Ok(request) => request,
        Err(why) => panic!("{path}: {why}"),
    }
}

fn refusal(path: &str) -> Rejection {
    match parsed_by(&Imgproxy::new(), path) {
        Ok(request) => panic!("{path}: {request:?}"),
        Err(why) => why,
    }
}

fn steps(options: &str) -> Vec<Step> {
    let settings = Imgproxy::new().watermark("local:///logo.png").unwrap();
    match parsed_by(&settings, &format!("{options}/plain/a.jpg")) {
        Ok(request) => request.recipe.steps,
        Err(why) => panic!("{options}: {why}"),
    }
}

mod clients;
mod files_table;
mod filters_table;
mod hostile;
mod info;
mod options_table;
mod presets_table;
mod sources;

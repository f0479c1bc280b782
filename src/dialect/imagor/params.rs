//! What `params/` answers: the URL's parts, as imagor names them. What is zero, empty or off is left out.

use crate::dialect::check_name;
use crate::guard::Rejection;
use crate::json::Json;
use crate::recipe::{Answer, ImageRequest, Recipe};
use crate::url_lex::imagor::{Horizontal, Segments, Vertical, decode_image_and_how};

/// The request for the parts of a URL. Its image, if it names one, is not loaded, but may have to be allowed.
pub(super) fn request(
    signed_text: &str,
    parts: &Segments<'_>,
    signed: bool,
) -> Result<ImageRequest, Rejection> {
    let (name, base64) = decode_image_and_how(parts.image)
        .ok_or_else(|| Rejection::bad_request("the name of the image is not UTF-8"))?;
    let mut request = ImageRequest::default();
    if !name.is_empty() && super::color_of(&name).is_none() {
        check_name(&name)?;
        request.sources.push((&*name).into());
    }
    let mut json = Json::indented();
    json.object(|json| {
        let mut writer = Writer(json);
        writer.text("path", signed_text);
        writer.text("image", &name);
        writer.flag("base64_image", base64);
        writer.flag("unsafe", !signed);
        writer.parts(parts);
    });
    let mut recipe = Recipe::default();
    recipe.output.answer = Answer::Document(json.finish().into());
    recipe.output.keep_format = true;
    request.recipe = recipe;
    Ok(request)
}

struct Writer<'a>(&'a mut Json);

impl Writer<'_> {
    fn text(&mut self, name: &str, text: &str) {
        if !text.is_empty() {
            self.0.member(name).string(text);
        }
    }

    fn flag(&mut self, name: &str, flag: bool) {
        if flag {
            self.0.member(name).boolean(true);
        }
    }

    fn whole(&mut self, name: &str, number: u64) {
        if number > 0 {
            // imagor's numbers end there.
            let number = number.min(i64::MAX.unsigned_abs());
            self.0.member(name).integer(number);
        }
    }

    fn parts(&mut self, parts: &Segments<'_>) {
        self.flag("meta", parts.meta);
        if let Some(trim) = parts.trim {
            let corner = if trim.bottom_right {
                "bottom-right"
            } else {
                "top-left"
            };
            self.flag("trim", true);
            self.text("trim_by", corner);
            self.whole("trim_tolerance", trim.tolerance);
        }
        let edges = ["crop_left", "crop_top", "crop_right", "crop_bottom"];
        for (name, edge) in edges.into_iter().zip(parts.crop.unwrap_or_default()) {
            if edge > 0.0 {
                self.0.member(name).number(edge);
            }
        }
        let fit = parts.fit;
        self.flag("fit_in", fit.is_some());
        self.flag("adaptive_fit_in", fit.is_some_and(|fit| fit.adaptive));
        self.flag("full_fit_in", fit.is_some_and(|fit| fit.full));
        self.flag("stretch", parts.stretch);
        let size = parts.size;
        self.whole("width", size.map_or(0, |size| size.width));
        self.whole("height", size.map_or(0, |size| size.height));
        let sides = [
            "padding_left",
            "padding_top",
            "padding_right",
            "padding_bottom",
        ];
        for (name, side) in sides.into_iter().zip(parts.padding.unwrap_or_default()) {
            self.whole(name, side);
        }
        self.flag("h_flip", size.is_some_and(|size| size.flip_horizontal));
        self.flag("v_flip", size.is_some_and(|size| size.flip_vertical));
        self.text(
            "h_align",
            match parts.horizontal {
                None => "",
                Some(Horizontal::Left) => "left",
                Some(Horizontal::Center) => "center",
                Some(Horizontal::Right) => "right",
            },
        );
        self.text(
            "v_align",
            match parts.vertical {
                None => "",
                Some(Vertical::Top) => "top",
                Some(Vertical::Middle) => "middle",
                Some(Vertical::Bottom) => "bottom",
            },
        );
        self.flag("smart", parts.smart);
        self.filters(parts);
    }

    fn filters(&mut self, parts: &Segments<'_>) {
        if parts.filters().next().is_none() {
            return;
        }
        self.0.member("filters").array(|json| {
            for filter in parts.filters() {
                json.element().object(|json| {
                    let mut writer = Writer(json);
                    writer.text("name", filter.name);
                    writer.text("args", filter.args);
                });
            }
        });
    }
}

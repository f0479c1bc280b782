use std::borrow::Cow;
use std::fmt;

use http::StatusCode;

/// Why a request was refused.
///
/// It tells two audiences apart: [`kind`](Self::kind), [`status`](Self::status) and [`detail`](Self::detail) are what
/// the client may see, the same for every request of a kind; [`reason`](Self::reason) is for the operator's log and
/// may name the rule. Neither ever holds a secret.
#[derive(Clone, Debug)]
pub struct Rejection {
    kind: RejectionKind,
    code: &'static str,
    status: StatusCode,
    detail: Cow<'static, str>,
    reason: Cow<'static, str>,
}

impl Rejection {
    /// A refusal of `kind`, with the reason that the operator sees.
    pub fn new(kind: RejectionKind, reason: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind,
            code: kind.code(),
            status: kind.status(),
            detail: Cow::Borrowed(kind.detail()),
            reason: reason.into(),
        }
    }

    /// A [`BadRequest`](RejectionKind::BadRequest) whose detail, shown to the client, names what is wrong with the URL.
    pub fn bad_request(detail: impl Into<Cow<'static, str>>) -> Self {
        let detail = detail.into();
        Self {
            detail: detail.clone(),
            ..Self::new(RejectionKind::BadRequest, detail)
        }
    }

    /// A refusal of your own, of the kind [`Other`](RejectionKind::Other), for a [`Guard`](super::Guard) of your own.
    pub fn other(
        code: &'static str,
        status: StatusCode,
        reason: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            code,
            status,
            ..Self::new(RejectionKind::Other, reason)
        }
    }

    /// The same refusal, answered with another status.
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// What kind of refusal this is.
    pub fn kind(&self) -> RejectionKind {
        self.kind
    }

    /// The code of the refusal: a word such as `ip_blocked` that programs can rely on.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// A sentence for the client. Except for a bad request, it is the same for every refusal of the kind.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// What the operator may know: the rule that refused the request, for instance. Not for the client.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.detail)
    }
}

impl std::error::Error for Rejection {}

macro_rules! kinds {
    ($($(#[$doc:meta])+ $kind:ident = $code:literal, $status:ident, grpc $grpc:literal, $detail:literal;)+) => {
        /// The kinds of [`Rejection`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum RejectionKind {
            $($(#[$doc])+ $kind,)+
        }

        impl RejectionKind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$kind,)+];

            /// The code of the kind: a word that programs can rely on.
            pub fn code(self) -> &'static str {
                match self { $(Self::$kind => $code,)+ }
            }

            /// The status that a refusal of the kind is answered with, where no other is set.
            pub fn status(self) -> StatusCode {
                match self { $(Self::$kind => StatusCode::$status,)+ }
            }

            /// The number of the gRPC status that a refused gRPC call is answered with.
            pub fn grpc_status(self) -> u8 {
                match self { $(Self::$kind => $grpc,)+ }
            }

            fn detail(self) -> &'static str {
                match self { $(Self::$kind => $detail,)+ }
            }
        }
    };
}

kinds! {
    /// The client's address is on the block list, or not on the allow list.
    IpBlocked = "ip_blocked", FORBIDDEN, grpc 7, "Access from this address is not allowed.";
    /// The client's country is not served, or is unknown and unknown countries are not.
    CountryBlocked = "country_blocked", FORBIDDEN, grpc 7, "Access from this country is not allowed.";
    /// The User-Agent is on the block list.
    UserAgentBlocked = "user_agent_blocked", FORBIDDEN, grpc 7, "Access by this user agent is not allowed.";
    /// The page that the image would be shown on may not show it.
    RefererDenied = "referer_denied", FORBIDDEN, grpc 7, "This site may not embed the image.";
    /// A signature is required and the URL has none.
    SignatureMissing = "signature_missing", FORBIDDEN, grpc 16, "The URL is not signed.";
    /// The signature does not verify, or its key is unknown, expired or revoked.
    SignatureInvalid = "signature_invalid", FORBIDDEN, grpc 7, "The signature of the URL does not verify.";
    /// The URL is past its expiry.
    UrlExpired = "url_expired", GONE, grpc 7, "The URL has expired.";
    /// The URL lives longer than signed URLs may, or has no expiry where one is required.
    LifetimeTooLong = "lifetime_too_long", FORBIDDEN, grpc 7, "The URL lives longer than allowed.";
    /// The source of the image is not allowed.
    SourceDenied = "source_denied", FORBIDDEN, grpc 7, "The source of the image is not allowed.";
    /// The URL does not parse, or an argument is out of range.
    BadRequest = "bad_request", BAD_REQUEST, grpc 3, "The URL does not parse.";
    /// There is no such image.
    NotFound = "not_found", NOT_FOUND, grpc 5, "There is no such image.";
    /// The source is not an image that can be read, or the wanted format cannot be written.
    UnsupportedFormat = "unsupported_format", UNSUPPORTED_MEDIA_TYPE, grpc 3, "The image format is not supported.";
    /// The source has more bytes than allowed.
    SourceTooLarge = "source_too_large", PAYLOAD_TOO_LARGE, grpc 3, "The source has too many bytes.";
    /// The source or the output has more pixels, width, height or frames than allowed.
    ImageTooLarge = "image_too_large", UNPROCESSABLE_ENTITY, grpc 3, "The image has too many pixels.";
    /// The source begins like an image and does not decode.
    ImageCorrupt = "image_corrupt", UNPROCESSABLE_ENTITY, grpc 3, "The image does not decode.";
    /// Too much work is under way.
    Overloaded = "overloaded", TOO_MANY_REQUESTS, grpc 8, "Too many images are being made. Try again later.";
    /// The origin could not be reached, or answered with an error.
    OriginFailed = "origin_failed", BAD_GATEWAY, grpc 14, "The source of the image could not be loaded.";
    /// A time limit ran out.
    Timeout = "timeout", GATEWAY_TIMEOUT, grpc 4, "A time limit ran out.";
    /// The method is not one that images are asked for with.
    MethodNotAllowed = "method_not_allowed", METHOD_NOT_ALLOWED, grpc 12, "The method is not allowed.";
    /// Something that should not happen happened.
    Internal = "internal", INTERNAL_SERVER_ERROR, grpc 13, "The image could not be made.";
    /// A refusal by a guard of the user's own.
    Other = "refused", FORBIDDEN, grpc 7, "The request is not allowed.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_distinct() {
        let mut codes: Vec<_> = RejectionKind::ALL.iter().map(|kind| kind.code()).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), RejectionKind::ALL.len());
    }

    #[test]
    fn the_client_sees_no_reason() {
        let rejection = Rejection::new(RejectionKind::IpBlocked, "10.0.0.0/8 is on the block list");
        assert_eq!(
            rejection.to_string(),
            "ip_blocked: Access from this address is not allowed."
        );
    }
}

use std::fmt;
use std::net::IpAddr;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use imgward::country::CountryCode;
use imgward::request_facts::RequestFacts;

/// Extracts the client's address, as [`ClientIpLayer`](imgward::client_ip::ClientIpLayer) found it.
///
/// `Option<ClientIp>` is `None` where the address is unknown.
///
/// # Rejections
///
/// A [`FactRejection`]: the layer is missing (in the `Option` too), or the address is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientIp(pub IpAddr);

/// Extracts the client's country, as [`GeoRestrictionLayer`](imgward::geo::GeoRestrictionLayer) found it.
///
/// `Option<Country>` is `None` where the country is unknown.
///
/// # Rejections
///
/// A [`FactRejection`]: no layer looked at the client (in the `Option` too), or the country is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Country(pub CountryCode);

/// Why an extractor of this crate gave nothing to the handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FactRejection {
    /// No layer of imgward that finds out about clients ran before the handler: a fault of the application, status
    /// 500.
    MissingLayer,
    /// The client's address is unknown: status 403.
    UnknownClientIp,
    /// The client's country is unknown: status 403.
    UnknownCountry,
}

impl fmt::Display for FactRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MissingLayer => {
                "no layer of imgward ran before this handler to find out about the client"
            }
            Self::UnknownClientIp => "the address of the client is unknown",
            Self::UnknownCountry => "the country of the client is unknown",
        })
    }
}

impl std::error::Error for FactRejection {}

impl IntoResponse for FactRejection {
    fn into_response(self) -> Response {
        let status = match self {
            Self::MissingLayer => StatusCode::INTERNAL_SERVER_ERROR,
            Self::UnknownClientIp | Self::UnknownCountry => StatusCode::FORBIDDEN,
        };
        (status, self.to_string()).into_response()
    }
}

fn facts(head: &Parts) -> Result<&RequestFacts, FactRejection> {
    head.extensions.get().ok_or(FactRejection::MissingLayer)
}

impl<S: Sync> OptionalFromRequestParts<S> for ClientIp {
    type Rejection = FactRejection;

    async fn from_request_parts(head: &mut Parts, _: &S) -> Result<Option<Self>, FactRejection> {
        Ok(facts(head)?.client_ip().map(Self))
    }
}

impl<S: Sync> FromRequestParts<S> for ClientIp {
    type Rejection = FactRejection;

    async fn from_request_parts(head: &mut Parts, _: &S) -> Result<Self, FactRejection> {
        let client_ip = facts(head)?.client_ip();
        client_ip.map(Self).ok_or(FactRejection::UnknownClientIp)
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for Country {
    type Rejection = FactRejection;

    async fn from_request_parts(head: &mut Parts, _: &S) -> Result<Option<Self>, FactRejection> {
        Ok(facts(head)?.country().map(Self))
    }
}

impl<S: Sync> FromRequestParts<S> for Country {
    type Rejection = FactRejection;

    async fn from_request_parts(head: &mut Parts, _: &S) -> Result<Self, FactRejection> {
        let country = facts(head)?.country();
        country.map(Self).ok_or(FactRejection::UnknownCountry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    fn head(facts: Option<RequestFacts>) -> Parts {
        let (mut head, ()) = Request::new(()).into_parts();
        if let Some(facts) = facts {
            head.extensions.insert(facts);
        }
        head
    }

    #[tokio::test]
    async fn extractors_tell_a_missing_layer_from_an_unknown_client() {
        let address = IpAddr::from([192, 0, 2, 7]);
        let known = Some(RequestFacts::from_client_ip(address));
        let unknown = Some(RequestFacts::default());
        let missing = FactRejection::MissingLayer;
        let cases = [
            (known, Ok(address), Ok(Some(address))),
            (unknown, Err(FactRejection::UnknownClientIp), Ok(None)),
            (None, Err(missing), Err(missing)),
        ];
        for (facts, required, optional) in cases {
            let mut head = head(facts);
            assert_eq!(
                <ClientIp as FromRequestParts<()>>::from_request_parts(&mut head, &()).await,
                required.map(ClientIp),
                "{facts:?}"
            );
            assert_eq!(
                <ClientIp as OptionalFromRequestParts<()>>::from_request_parts(&mut head, &())
                    .await,
                optional.map(|address| address.map(ClientIp)),
                "{facts:?}"
            );
        }
    }

    #[tokio::test]
    async fn a_country_nobody_looked_up_is_unknown() {
        let mut head = head(Some(RequestFacts::default()));
        assert_eq!(
            <Country as FromRequestParts<()>>::from_request_parts(&mut head, &()).await,
            Err(FactRejection::UnknownCountry)
        );
        assert_eq!(
            <Country as OptionalFromRequestParts<()>>::from_request_parts(&mut head, &()).await,
            Ok(None)
        );
    }

    #[test]
    fn a_missing_layer_is_the_applications_fault() {
        let cases = [
            (FactRejection::MissingLayer, 500),
            (FactRejection::UnknownClientIp, 403),
            (FactRejection::UnknownCountry, 403),
        ];
        for (rejection, status) in cases {
            assert_eq!(rejection.into_response().status(), status, "{rejection}");
        }
    }
}

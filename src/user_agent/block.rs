use http::header::USER_AGENT;
use http::request;

use super::texts::{InvalidTexts, Texts};
use crate::guard::{Caching, Empty, Guard, GuardLayer, Rejection, RejectionKind};

/// Refuses clients by their User-Agent. See the [module docs](super) for an example.
pub type UserAgentBlockLayer<R = Empty> = GuardLayer<UserAgentBlock, R>;

impl UserAgentBlockLayer {
    /// A layer of [`UserAgentBlock::containing`].
    pub fn containing<I>(texts: I) -> Result<Self, InvalidTexts>
    where
        I: IntoIterator<Item: AsRef<str>>,
    {
        UserAgentBlock::containing(texts).map(Self::new)
    }
}

/// The rules of a [`UserAgentBlockLayer`]. See the [module docs](super).
#[derive(Clone, Debug)]
pub struct UserAgentBlock {
    texts: Texts,
}

impl UserAgentBlock {
    /// Refuses a request whose User-Agent contains one of the texts, ASCII letters in any case.
    ///
    /// # Errors
    ///
    /// [`InvalidTexts`] where there is no text, or with every text that is empty or has a control character.
    pub fn containing<I>(texts: I) -> Result<Self, InvalidTexts>
    where
        I: IntoIterator<Item: AsRef<str>>,
    {
        Texts::new(texts).map(|texts| Self { texts })
    }
}

impl Guard for UserAgentBlock {
    type Pass = ();

    fn check(&self, head: &request::Parts) -> Result<(), Rejection> {
        match self.texts.find(&head.headers) {
            Some(text) => Err(Rejection::new(
                RejectionKind::UserAgentBlocked,
                format!("the User-Agent contains {text:?}"),
            )),
            None => Ok(()),
        }
    }

    fn respond(&self, (): (), caching: &mut Caching<'_>) {
        if !caching.forbids_shared_store() {
            caching.add_vary(&USER_AGENT);
        }
    }
}

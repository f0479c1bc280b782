//! How many files and sockets the process may have open.

/// Raises the limit to what the process may raise it to: a connection takes one, and the usual limit of 1,024 is for programs
/// that use `select`.
pub(crate) fn raise() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, getrlimit, setrlimit};

        let mut limit = getrlimit(Resource::Nofile);
        limit.current = limit.maximum;
        if let Err(error) = setrlimit(Resource::Nofile, limit) {
            tracing::warn!("the limit on open files stays as it is: {error}");
        }
    }
}

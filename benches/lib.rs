//! What imgward costs. Each benchmark is a target of its own; see its docs.

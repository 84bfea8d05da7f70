//! What comes in: envelopes in order, and Welcomes.
//!
//! [`apply`] takes a run of envelopes of one conversation, [`join`] takes a Welcome; each is
//! called inside one transaction. A bad envelope is an outcome with a row to show for it, never
//! an error: errors are for the database, and undo the whole run.

mod again;
pub(crate) mod apply;
pub(crate) mod join;
mod show;

pub(crate) use apply::{Applied, Halt};
pub(crate) use show::may_rename;

//! The clauses, one file for each.

mod as_it_is;
mod before_the_first_byte;
mod bounded;
mod knows_what_it_sent;
mod no_borrowed_responses;
mod nothing_from_the_environment;
mod own_response;
mod strict_about_framing;
mod the_head_is_reported;
mod whole_or_not_at_all;

pub(super) use as_it_is::as_it_is;
pub(super) use bounded::bounded;
pub(super) use knows_what_it_sent::knows_what_it_sent;
pub(super) use no_borrowed_responses::no_borrowed_responses;
pub(super) use nothing_from_the_environment::nothing_from_the_environment;
pub use nothing_from_the_environment::send_from_process;
pub(super) use strict_about_framing::strict_about_framing;
pub(super) use the_head_is_reported::the_head_is_reported;
pub(super) use whole_or_not_at_all::whole_or_not_at_all;

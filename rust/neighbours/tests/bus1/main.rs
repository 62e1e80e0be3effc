//! Quotas of bus1: the attacks of the facts' table, properties of the rules, and the bus against an independent ledger.

mod attacks;
mod rules;

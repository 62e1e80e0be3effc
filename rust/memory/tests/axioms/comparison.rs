//! The machine does what the axioms allow, neither less nor more; and nothing that C11 forbids.

use crate::axioms::SeqCst;
use crate::candidates::allowed;
use crate::machine::reached;
use crate::program::programs;
use proptest::prelude::*;

proptest! {
    // PROPTEST_CASES asks for more.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_machine_reaches_exactly_what_the_axioms_allow(program in programs()) {
        prop_assert_eq!(reached(&program), allowed(&program, SeqCst::OfExecution));
    }

    #[test]
    fn the_machine_reaches_nothing_that_c11_forbids(program in programs()) {
        let (reached, allowed) = (reached(&program), allowed(&program, SeqCst::OfItsOwn));
        prop_assert!(reached.is_subset(&allowed));
    }
}

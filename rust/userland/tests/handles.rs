//! A CID cannot be copied, by any road that the compiler knows.

#[test]
fn a_cid_cannot_be_copied_cloned_or_used_after_its_end() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}

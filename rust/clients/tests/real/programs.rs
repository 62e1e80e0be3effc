//! The real user-space library of Xous against the hosted kernel: each test is a claim that a program on it makes.

use crate::support::Run;

#[test]
fn scalars_are_answered_with_one_two_and_five_words() {
    Run::freely()
        .serving("scalars server")
        .client("scalars client 100")
        .ends_well_and_clean();
}

#[test]
fn memory_of_every_kind_is_carried_by_the_page_and_by_the_byte() {
    Run::freely()
        .serving("memory server")
        .client("memory client")
        .ends_well_and_clean();
}

#[test]
fn two_servers_answer_eight_clients_each_its_own() {
    let mut run = Run::freely()
        .serving("crowd server one")
        .serving("crowd server three");
    for _ in 0..8 {
        run = run.client("crowd client one three 50");
    }
    run.ends_well_and_clean();
}

#[test]
fn thirty_threads_of_a_process_call_beside_its_main_thread() {
    Run::freely().client("threads 20").ends_well_and_clean();
}

#[test]
fn a_client_that_outlives_its_server_loses_a_slot_with_each_restart() {
    let ran = Run::freely().client("restart").ends_well();
    let tombstone = xous_sim_hosted::watch::Property::Tombstone;
    assert!(ran.found.contains(&tombstone), "{:?}", ran.found);
}

#[test]
fn every_other_system_call_is_answered_as_documented() {
    Run::freely().client("syscalls").ends_well_and_clean();
}

#[test]
fn a_name_service_of_a_programs_own_connects_clients_to_servers() {
    Run::freely()
        .serving("name_service")
        .serving("name_service server clock")
        .client("name_service client clock")
        .ends_well_and_clean();
}

#[test]
fn the_kernels_name_server_speaks_by_the_raw_page_as_std_does() {
    Run::with_names()
        .client("std_names client clock")
        .serving("std_names server clock")
        .ends_well_and_clean();
}

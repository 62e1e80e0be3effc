//! A search that is interrupted and taken up again finds what an uninterrupted one finds.

mod toy;

use proptest::prelude::*;
use std::convert::Infallible;
use toy::{Toy, programs};
use xous_sim_explore::{Checkpoint, Exhaustive, Keeper, Limits, Report, Silent, Stop, Verdict};

/// Keeps the last checkpoint in memory, as bytes.
#[derive(Default)]
struct Drawer {
    kept: Option<Vec<u8>>,
    finished: bool,
}

impl Keeper<Infallible> for Drawer {
    fn load(&mut self) -> Result<Option<Checkpoint>, Infallible> {
        let parsed = |bytes: &Vec<u8>| Checkpoint::from_bytes(bytes).expect("what was kept");
        Ok(self.kept.as_ref().map(parsed))
    }

    fn is_due(&self) -> bool {
        false
    }

    fn save(&mut self, checkpoint: &Checkpoint) -> Result<(), Infallible> {
        self.kept = Some(checkpoint.to_bytes());
        Ok(())
    }

    fn finish(&mut self) -> Result<(), Infallible> {
        self.finished = true;
        Ok(())
    }

    fn refuse(&self) -> Option<Infallible> {
        panic!("a checkpoint of the same model fits it")
    }
}

fn explore(toy: &mut Toy, max_states: Option<u64>, drawer: &mut Drawer) -> Report {
    let search = Exhaustive {
        stop: Stop::WhenExplored,
        limits: Limits {
            max_states,
            ..Limits::default()
        },
        ..Exhaustive::default()
    };
    let report = search.run_kept(toy, &mut Silent, Some(drawer));
    report.expect("a toy never fails")
}

proptest! {
    #[test]
    fn states_and_violations_are_those_of_one_go(toy in programs(), step in 1..40u64) {
        let whole = explore(&mut toy.clone(), None, &mut Drawer::default());
        let mut drawer = Drawer::default();
        let mut limit = step;
        let (mut parts, mut stages) = (toy.clone(), 0);
        let resumed = loop {
            let report = explore(&mut parts, Some(limit), &mut drawer);
            if report.exhausted.is_none() {
                break report;
            }
            prop_assert!(report.verdict != Verdict::Sound);
            limit += step;
            stages += 1;
            prop_assert!(stages < 10_000);
        };
        prop_assert!(drawer.finished);
        prop_assert_eq!((resumed.verdict, resumed.states), (whole.verdict, whole.states));
        let schedules = |report: &Report| -> Vec<String> {
            report.counterexamples.iter().map(|c| c.schedule.to_string()).collect()
        };
        prop_assert_eq!(schedules(&resumed), schedules(&whole));
    }

    #[test]
    fn damaged_bytes_are_no_checkpoint_or_another_one(
        toy in programs(),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut drawer = Drawer::default();
        explore(&mut toy.clone(), Some(5), &mut drawer);
        let bytes = drawer.kept.unwrap_or_default();
        prop_assume!(!bytes.is_empty());
        let cut = cut.index(bytes.len());
        prop_assert_eq!(Checkpoint::from_bytes(&bytes[..cut]), None);
        let longer = [&bytes[..], &[0]].concat();
        prop_assert_eq!(Checkpoint::from_bytes(&longer), None);
    }
}

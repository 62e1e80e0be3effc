//! A search for which there is too little memory ends, and is taken up again where it was, whether it was told in time or its
//! model failed in the middle of a state.

mod toy;

use proptest::prelude::*;
use std::convert::Infallible;
use std::ops::ControlFlow;
use toy::{State, Toy, programs};
use xous_sim_explore::{
    Budget, Checkpoint, Dfs, Dpor, Exhaustive, Keeper, Observer, Pct, Progress, Random, Report,
    Stop,
};
use xous_sim_step::{Choice, Model, Unknown, Violation, Violations};

/// There is no memory.
#[derive(Debug, PartialEq, Eq)]
struct OutOfMemory;

/// A model that has memory for so many steps.
struct Failing {
    toy: Toy,
    steps: u64,
}

fn sure<T>(result: Result<T, Infallible>) -> T {
    let Ok(value) = result;
    value
}

impl Model for Failing {
    type State = State;
    type Error = OutOfMemory;
    type Step = ();
    type Known<'k> = Unknown;

    fn initial(&mut self) -> Result<State, OutOfMemory> {
        Ok(sure(self.toy.initial()))
    }

    fn enabled(&mut self, state: &State, choices: &mut Vec<Choice>) -> Result<(), OutOfMemory> {
        sure(self.toy.enabled(state, choices));
        Ok(())
    }

    fn apply(&mut self, state: &mut State, choice: Choice) -> Result<Violations, OutOfMemory> {
        self.steps = self.steps.checked_sub(1).ok_or(OutOfMemory)?;
        Ok(sure(self.toy.apply(state, choice)))
    }

    fn fingerprint(&self, state: &State) -> u128 {
        self.toy.fingerprint(state)
    }

    fn agents(&self, state: &State) -> usize {
        self.toy.agents(state)
    }

    fn may_cycle(&self) -> bool {
        false
    }

    fn check(
        &mut self,
        state: &State,
        enabled: &[Choice],
    ) -> Result<Option<Violation>, OutOfMemory> {
        Ok(sure(self.toy.check(state, enabled)))
    }
}

/// Says after so many looks that memory runs short.
struct Looks(u64);

impl Observer<OutOfMemory> for Looks {
    fn progress(&mut self, _: Progress) -> ControlFlow<OutOfMemory> {
        ControlFlow::Continue(())
    }

    fn lacks_memory_for(&mut self, _: u64) -> bool {
        self.0 = self.0.saturating_sub(1);
        self.0 == 0
    }

    fn is_out_of_memory(&self, error: &OutOfMemory) -> bool {
        *error == OutOfMemory
    }
}

#[derive(Default)]
struct Drawer(Option<Checkpoint>);

impl Keeper<OutOfMemory> for Drawer {
    fn load(&mut self) -> Result<Option<Checkpoint>, OutOfMemory> {
        let bytes = self.0.as_ref().map(Checkpoint::to_bytes);
        Ok(bytes.map(|bytes| Checkpoint::from_bytes(&bytes).expect("it was kept whole")))
    }

    fn is_due(&self) -> bool {
        false
    }

    fn save(&mut self, checkpoint: &Checkpoint) -> Result<(), OutOfMemory> {
        self.0 = Some(checkpoint.clone());
        Ok(())
    }

    fn finish(&mut self) -> Result<(), OutOfMemory> {
        Ok(())
    }

    fn refuse(&self) -> Option<OutOfMemory> {
        panic!("a checkpoint of the same model fits it")
    }
}

fn explore(toy: &Toy, steps: u64, looks: u64, drawer: &mut Drawer) -> Report {
    let toy = toy.clone();
    let search = Exhaustive {
        stop: Stop::WhenExplored,
        ..Exhaustive::default()
    };
    let report = search.run_kept(&mut Failing { toy, steps }, &mut Looks(looks), Some(drawer));
    report.expect("that there is no memory is no failure of the search")
}

fn lines(report: &Report) -> Vec<String> {
    let found = report.counterexamples.iter();
    found.map(|c| c.schedule.to_string()).collect()
}

proptest! {
    #[test]
    fn whatever_it_had_begun_when_memory_ended_is_expanded_later(toy in programs(), more in 1..60_u64) {
        let whole = explore(&toy, u64::MAX, u64::MAX, &mut Drawer::default());
        let mut drawer = Drawer::default();
        let mut steps = 1;
        let resumed = loop {
            let report = explore(&toy, steps, u64::MAX, &mut drawer);
            if report.exhausted.is_none() {
                break report;
            }
            prop_assert_eq!(report.exhausted, Some(Budget::Memory));
            steps += more;
        };
        prop_assert_eq!((resumed.verdict, resumed.states), (whole.verdict, whole.states));
        prop_assert_eq!(lines(&resumed), lines(&whole));
    }
}

/// Six threads of six steps each.
fn large() -> Toy {
    let thread = |n: usize| vec![toy::Op::Append(n % 3); 6];
    Toy::new((0..6).map(thread).collect())
}

#[test]
fn every_search_ends_when_it_is_told_that_memory_runs_short() {
    let mut model = Failing {
        toy: large(),
        steps: u64::MAX,
    };
    let reports = [
        Exhaustive::default().run(&mut model, &mut Looks(9)),
        Dfs::default().run(&mut model, &mut Looks(9)),
        Dpor::default().run(&mut model, &mut Looks(9)),
        Pct::default().run(&mut model, &mut Looks(9)),
        Random::default().run(&mut model, &mut Looks(9)),
    ];
    for report in reports {
        assert_eq!(report.map(|r| r.exhausted), Ok(Some(Budget::Memory)));
    }
}

#[test]
fn every_search_ends_when_its_model_has_no_memory() {
    let failing = || Failing {
        toy: large(),
        steps: 500,
    };
    let reports = [
        Exhaustive::default().run(&mut failing(), &mut Looks(u64::MAX)),
        Dfs::default().run(&mut failing(), &mut Looks(u64::MAX)),
        Dpor::default().run(&mut failing(), &mut Looks(u64::MAX)),
        Pct::default().run(&mut failing(), &mut Looks(u64::MAX)),
        Random::default().run(&mut failing(), &mut Looks(u64::MAX)),
    ];
    for report in reports {
        assert_eq!(report.map(|r| r.exhausted), Ok(Some(Budget::Memory)));
    }
}

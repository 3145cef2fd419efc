//! Every estate below `fixtures/` is one test: `rules/<id>/<estate>` asks one rule,
//! `estates/<estate>` all of them. The same suite as `archlint test` runs.
#![expect(clippy::disallowed_macros, reason = "a test harness of its own tells what is missing")]

use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use archlint::commands::config_file::ConfigArgs;
use archlint::commands::test::Suite;
use archlint::trial::case::{Verdict, compared, report};
use archlint::trial::suite::{Case, gaps};
use libtest_mimic::{Arguments, Failed, Trial};

type Results = Mutex<Vec<(Case, Verdict)>>;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let suite = match Suite::load(&folder, &ConfigArgs::none()) {
        Ok(suite) => Arc::new(suite),
        Err(failure) => {
            eprintln!("{}", failure.render());
            return ExitCode::from(101);
        }
    };
    let results: Arc<Results> = Arc::default();
    let trial = |case: &Case| {
        let (suite, results, case) = (Arc::clone(&suite), Arc::clone(&results), case.clone());
        Trial::test(case.name.clone(), move || run(&suite, case, &results))
    };
    let conclusion = libtest_mimic::run(&arguments, suite.cases.iter().map(trial).collect());
    let Ok(results) = results.lock() else { return ExitCode::from(101) };
    // What estates prove together can only be said when all of them ran.
    let complete = results.len() < suite.cases.len() || has_no_gap(&suite, &results);
    if complete && !conclusion.has_failed() { ExitCode::SUCCESS } else { ExitCode::from(101) }
}

fn run(suite: &Suite, case: Case, results: &Results) -> Result<(), Failed> {
    let answers = suite.answers(&case).map_err(|failure| failure.render())?;
    let verdict = compared(&answers);
    let text = report(&answers, &verdict.mismatches);
    results.lock().map_err(|error| error.to_string())?.push((case, verdict));
    if text.is_empty() { Ok(()) } else { Err(text.into()) }
}

fn has_no_gap(suite: &Suite, results: &[(Case, Verdict)]) -> bool {
    let mut missing = gaps(results, &|rule| suite.always(rule));
    for rule in suite.rules() {
        if !suite.cases.iter().any(|case| case.rule.as_deref() == Some(rule)) {
            missing.entry(rule.to_owned()).or_default().push("there are no fixtures".to_owned());
        }
    }
    missing.retain(|_, of_rule| !of_rule.is_empty());
    for (rule, of_rule) in &missing {
        eprintln!("{rule}: {}", of_rule.join("; "));
    }
    missing.is_empty()
}

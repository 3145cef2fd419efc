//! What would make visible what nobody could tell: one step for each reason, beside it.
//!
//! Reasons that name their step themselves do so after a semicolon, and are kept.

/// Reasons by the step that they ask for. `{}` stands for any text: a name, a path.
const STEPS: &[(&str, &[&str])] = &[
    (
        "nothing has to be done where that is so: calls that are not seen can be declared in its service.yaml",
        &["it is not seen to call others", "it sends nothing to others"],
    ),
    (
        "nothing has to be done where that is so: `retries` of the call can be declared in the caller's service.yaml",
        &["the code does not repeat it"],
    ),
    (
        "look at how its client is made, and what its connections are limited to",
        &["whether its client shares connections is not known", "what its connections come from was not followed"],
    ),
    (
        "look there for what it logs",
        &[
            "only the code of {} services is read for what it logs",
            "no code that was read answers requests or messages",
            "{} may bring the id of the trace into log lines",
            "in which form {} writes is decided elsewhere",
            "{} may bring one",
            "{} may keep an id",
        ],
    ),
    (
        "nothing has to be done where that is so: lines that its code writes with a logger would be seen",
        &["it writes no log"],
    ),
    (
        "nothing has to be done: what is asked of a service does not concern it",
        &[
            "it runs in a browser",
            "it runs to its end",
            "it is kept open, so no deadline is wanted",
            "nothing runs it, and it needs nothing at run time",
        ],
    ),
    (
        "look at what the platform that starts it measures, or start its code with OpenTelemetry's layer",
        &["a platform starts it, and may measure and follow it"],
    ),
    (
        "check the code that answers its contract together with it, or declare the operation under `idempotent` in its service.yaml",
        &["nothing in its code answers requests over HTTP"],
    ),
    ("look at its settings, which may do it", &["{} may do it"]),
    (
        "look there for what ends it",
        &[
            "{} may end it in order",
            "no code that was read waits for requests",
            "only the code of {} services is read for what it does on SIGTERM",
        ],
    ),
    (
        "state `timeout_ms` and `retries` of the call in the caller's service.yaml",
        &[
            "service.yaml does not state {} of this call",
            "{} may limit its time",
            "a limit is set, and the code does not tell which",
            "a limit is set, and nothing in the estate tells its value",
            "other settings are spread into it",
            "other settings are spread over it",
            "more may be spread into what the call carries",
            "what the call carries is put together elsewhere",
            "what its client was told is not known",
            "the settings of its {} were not found",
            "it is repeated, and the code does not tell how often",
            "the code computes the waits between repetitions",
        ],
    ),
    (
        "set it in a file of the estate, or look where it is set",
        &[
            "the settings come from the variable {}",
            "no deployment in the estate sets the variable {}",
            "no configuration file of the service sets {}",
            "the chart's values.yaml does not set {}",
            "{} is set only by whoever deploys",
            "its value is set by whoever deploys",
            "its value is only known when it runs",
            "a variable that is set elsewhere",
            "the value comes from {}",
            "it is set under a condition only",
            "a spread may set it to something else",
        ],
    ),
    ("give it a default, or look at what sets it where the image is built", &["the build argument {} has no default"]),
    (
        "render the chart with its values, and check that",
        &["the template computes it: {}", "a template decides {}", "a part of it hides in {}"],
    ),
    (
        "write it out, or look there",
        &[
            "{} is computed",
            "the settings are an object of a class",
            "the value is put together of too many parts",
            "the object has parts that cannot be followed",
            "the setting that acknowledges messages could not be followed",
            "what `{}` does stands elsewhere",
        ],
    ),
    (
        "check both together",
        &[
            "the package {} is not in the estate",
            "what defines {} is not in the estate, so its unique keys are not known",
            "nothing in the estate defines the table",
            "no code is seen to use the tables",
            "nothing of the estate deploys it",
            "nothing deploys it",
            "what is uploaded is built elsewhere",
        ],
    ),
    (
        "add its contract, an OpenAPI or .proto file, or look at what the callee takes",
        &[
            "no message that its callee takes is known",
            "not all messages of its callee are known",
            "the handler of its rpc was not found",
            "its handler was not found",
            "what it asks for is not followed",
            "{} may state it",
            "the fields of {} are not declared in this file",
        ],
    ),
    (
        "where repeating it is safe, name the operation under `idempotent` in its service.yaml",
        &[
            "whether {} recognizes a repetition could not be told",
            "whether the caller sends what is unique in {} could not be told",
            "whether the tables of its statements have a key that is unique is not known",
            "what it reads before it writes may tell that the message was there already",
            "its name does not tell whether it changes something",
        ],
    ),
    (
        "look at the broker's settings, or declare the queue where its consumer is",
        &[
            "only the broker's settings tell where failed messages go",
            "its settings leave making the queue to somebody else",
            "its handler was not seen to do anything that can fail",
            "no acknowledgement was found that its handler leads to",
            "it acknowledges in several places",
        ],
    ),
    (
        "look there for what stores and publishes together",
        &[
            "{} may send its messages",
            "it stores under one condition and publishes under another",
            "what starts it may start it again when it fails half-way",
            "it is not known to store and publish in one go",
        ],
    ),
    (
        "name the service in its text",
        &[
            "{} does not say which service it is about",
            "an objective of the estate is about a service that is not known",
        ],
    ),
    (
        "keep one with the code, or check the alerts where they are",
        &["no runbook is in the estate", "the vendor that measures it keeps the alerts, too"],
    ),
    (
        "commit a lock file beside its manifest",
        &["a folder above has a lock file, and does not say whom it is for", "all versions are fixed but those {}"],
    ),
    (
        "look at what is called when it is built",
        &[
            "a Makefile builds it",
            "{} is a dependency, and what runs it is not seen",
            "a pipeline of the estate bundles something",
        ],
    ),
    (
        "name the image by its registry, or build it from that folder",
        &["a folder of the estate has its name, and builds an image"],
    ),
    (
        "keep the whole manifest in the estate",
        &["another file {}", "only a change of the container is in the estate, not what it changes"],
    ),
    (
        "add a file that shows it, such as a manifest or settings with its address",
        &["no file shows {}", "it is asked through a broker, and nothing is known to listen at a port of its own"],
    ),
    (
        "look at the framework that starts it",
        &["no code that was read shows a framework", "its code uses several frameworks"],
    ),
    (
        "look at what is deployed beside it",
        &[
            "the mesh may limit its connections",
            "how one of them is scaled is not known",
            "what one of them is written in is not known",
        ],
    ),
];

/// What can be done about a reason that names no step itself, and that no row is about.
const ELSE: &str = "look there, or declare it in the service.yaml beside the service's code";

/// The reason, and after a semicolon the step.
pub fn with_step(reason: &str) -> (String, String) {
    match reason.split_once("; ") {
        Some((what, step)) => (what.to_owned(), step.to_owned()),
        None => (reason.to_owned(), step(reason).unwrap_or(ELSE).to_owned()),
    }
}

fn step(reason: &str) -> Option<&'static str> {
    let row = STEPS.iter().find(|(_, reasons)| reasons.iter().any(|pattern| fits(pattern, reason)));
    row.map(|(step, _)| *step)
}

/// True where the reason is the pattern with some text for its `{}`.
fn fits(pattern: &str, reason: &str) -> bool {
    match pattern.split_once("{}") {
        None => pattern == reason,
        Some((before, after)) => {
            reason.len() > before.len() + after.len() && reason.starts_with(before) && reason.ends_with(after)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ELSE, STEPS, fits, with_step};

    #[test]
    fn a_step_that_a_reason_names_is_kept() {
        let (what, step) = with_step("the caller's code was not read; declare the call in its service.yaml");
        assert_eq!(
            (what.as_str(), step.as_str()),
            ("the caller's code was not read", "declare the call in its service.yaml")
        );
    }

    #[test]
    fn others_get_that_of_their_row() {
        let (_, step) = with_step("the build argument OWNER has no default");
        assert!(step.starts_with("give it a default"), "{step}");
        assert!(fits("{} is computed", "its rpc is computed") && !fits("{} is computed", " is computed"));
        assert_eq!(with_step("something new").1, ELSE);
    }

    #[test]
    fn no_two_rows_are_about_one_reason() {
        let all: Vec<&str> = STEPS.iter().flat_map(|(_, reasons)| reasons.iter().copied()).collect();
        for (at, reason) in all.iter().enumerate() {
            let instance = reason.replace("{}", "x y");
            for other in all.iter().skip(at + 1) {
                assert!(!fits(other, &instance) && !fits(reason, &other.replace("{}", "x y")), "{reason} and {other}");
            }
        }
        assert!(STEPS.iter().all(|(step, _)| !step.contains("; ")), "the semicolon parts reason and step");
    }
}

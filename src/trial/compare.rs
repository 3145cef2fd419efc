//! Markers against answers: what is missing, and what nobody expected.

use super::marker::{Line, Marker, MarkerKind};

/// What a rule answered about one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// The marker that it satisfies.
    pub kind: MarkerKind,
    /// The rule.
    pub rule: String,
    /// The line: of a finding the one on which its primary place starts.
    pub line: Line,
    /// `error: ` and the message of a finding, so that a marker may ask for both; the label of a related place, why nobody can tell.
    pub text: String,
}

/// A marker without an answer, or a finding without a marker.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mismatch {
    /// The line that it is about.
    pub line: Line,
    /// In words, without a full stop.
    pub text: String,
}

/// All mismatches, sorted by line. Findings have to be expected, each by a marker of its
/// own; the other answers are only asked for.
pub fn mismatches(markers: &[Marker], observations: &[Observation]) -> Vec<Mismatch> {
    let mut found = Vec::new();
    let mut taken = vec![false; observations.len()];
    let mut expecting: Vec<&Marker> = markers.iter().filter(|marker| marker.kind == MarkerKind::Expect).collect();
    // Those that ask for more choose first, so that one that takes anything leaves them theirs.
    expecting.sort_by_key(|marker| std::cmp::Reverse(marker.part.as_ref().map_or(0, String::len)));
    for marker in expecting {
        let fits = observations.iter().zip(&taken).position(|(observation, taken)| {
            !taken && is_answered(marker, observation) && contains_part(marker, observation)
        });
        match fits.and_then(|at| taken.get_mut(at)) {
            Some(slot) => *slot = true,
            None => found.push(Mismatch { line: marker.about, text: missing(marker, observations) }),
        }
    }
    for (observation, taken) in observations.iter().zip(taken) {
        if observation.kind == MarkerKind::Expect && !taken {
            let text = format!("{} reports, and no marker expects it: {}", observation.rule, observation.text);
            found.push(Mismatch { line: observation.line, text });
        }
    }
    for marker in markers.iter().filter(|marker| marker.kind != MarkerKind::Expect) {
        if !observations.iter().any(|observation| is_answered(marker, observation)) {
            found.push(Mismatch { line: marker.about, text: missing(marker, observations) });
        }
    }
    found.sort();
    found
}

fn is_answered(marker: &Marker, observation: &Observation) -> bool {
    observation.kind == marker.kind && observation.rule == marker.rule && observation.line == marker.about
}

fn contains_part(marker: &Marker, observation: &Observation) -> bool {
    marker.part.as_ref().is_none_or(|part| observation.text.contains(part))
}

/// What the marker asked for, and what the rule said about its line instead.
fn missing(marker: &Marker, observations: &[Observation]) -> String {
    let asked = match (marker.kind, &marker.part) {
        (MarkerKind::Expect, Some(part)) => format!("{} does not report anything with \"{part}\" here", marker.rule),
        (MarkerKind::Expect, None) => format!("{} does not report anything here", marker.rule),
        (MarkerKind::Related, _) => format!("{} does not show this line as a related place", marker.rule),
        (MarkerKind::Ok, _) => format!("{} did not find anything in order here", marker.rule),
        (MarkerKind::Unknown, _) => format!("{} did not leave anything undecided here", marker.rule),
    };
    let here = observations.iter().filter(|one| one.rule == marker.rule && one.line == marker.about);
    let mut instead: Vec<String> = here.map(said).collect();
    instead.dedup();
    if instead.is_empty() { asked } else { format!("{asked}; it says: {}", instead.join("; ")) }
}

fn said(observation: &Observation) -> String {
    match observation.kind {
        MarkerKind::Expect => format!("\"{}\"", observation.text),
        MarkerKind::Related => format!("related, \"{}\"", observation.text),
        MarkerKind::Ok => "ok".to_owned(),
        MarkerKind::Unknown => format!("unknown, {}", observation.text),
    }
}

#[cfg(test)]
mod tests {
    use super::{Observation, mismatches};
    use crate::source::path::EstatePath;
    use crate::trial::marker::{Line, MarkerKind, markers};

    fn observation(answer: &str) -> Observation {
        let mut parts = answer.splitn(4, ' ');
        let mut next = || parts.next().expect("line kind rule text");
        let line = Line { path: EstatePath::new("f"), line: next().parse().expect("a number") };
        let word = next();
        let kind = MarkerKind::ALL.iter().find(|(known, _)| *known == word).expect("a kind").1;
        Observation { kind, rule: next().to_owned(), line, text: next().to_owned() }
    }

    fn compared(text: &str, answers: &[&str]) -> Vec<String> {
        let (markers, problems) = markers(EstatePath::new("f"), text);
        assert_eq!(problems, []);
        let observations: Vec<Observation> = answers.iter().map(|answer| observation(answer)).collect();
        mismatches(&markers, &observations).iter().map(|one| format!("{} {}", one.line.line, one.text)).collect()
    }

    #[test]
    fn each_finding_needs_a_marker_of_its_own() {
        let text = "a # expect: r \"two\" # expect: r";
        assert_eq!(compared(text, &["1 expect r number one", "1 expect r number two"]), [""; 0]);
        assert_eq!(compared(text, &["1 expect r number two", "1 expect r number one"]), [""; 0]);
        assert_eq!(
            compared(text, &["1 expect r number one"]),
            ["1 r does not report anything with \"two\" here; it says: \"number one\""]
        );
        assert_eq!(
            compared("a # expect: r", &["1 expect r one", "1 expect r two"]),
            ["1 r reports, and no marker expects it: two"]
        );
    }

    #[test]
    fn both_sides_are_listed_in_the_order_of_lines() {
        assert_eq!(
            compared("a\nb # expect: r\nc # ok: r", &["1 expect r one", "3 expect s two", "3 unknown r no code"]),
            [
                "1 r reports, and no marker expects it: one",
                "2 r does not report anything here",
                "3 r did not find anything in order here; it says: unknown, no code",
                "3 s reports, and no marker expects it: two",
            ]
        );
    }

    #[test]
    fn answers_other_than_findings_need_no_marker() {
        let answers = ["1 ok r -", "1 unknown r why", "1 related r hop"];
        assert_eq!(compared("a", &answers), [""; 0]);
        assert_eq!(compared("a # ok: r # unknown: r # related: r # ok: r", &answers), [""; 0]);
        assert_eq!(
            compared("a # related: r\nb # ok: r", &["2 related r hop"]),
            [
                "1 r does not show this line as a related place",
                "2 r did not find anything in order here; it says: related, \"hop\"",
            ]
        );
    }
}

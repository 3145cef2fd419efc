//! As whom a container runs.
//!
//! The container's own setting wins over the pod's, which wins over the image's `USER`
//! (kubernetes.io/docs/tasks/configure-pod-container/security-context). `runAsNonRoot` makes
//! the kubelet refuse an image that would run as uid 0, so it is enough.

use super::Estate;
use crate::facts::answer::{Answer, Reason};
use crate::facts::code::{Base, Recipe};
use crate::facts::workload::{Container, Platform, Security, User, Workload};
use crate::graph::model::{ContainerVariant, RecipeUse};
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::images::{ImageUser, images};

/// As whom something runs, from the worst to the best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Root {
    /// uid 0.
    Certain,
    /// Nothing is known of the image, and nothing keeps it from running as uid 0.
    Unprevented,
    /// Starts as uid 0; the image's entrypoint steps down by itself.
    Drops,
    /// Not uid 0.
    No,
}

impl Root {
    /// As rules spell it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Certain => "certain",
            Self::Unprevented => "unprevented",
            Self::Drops => "drops",
            Self::No => "no",
        }
    }
}

impl Root {
    /// In words, after the container's name.
    pub fn words(self) -> &'static str {
        match self {
            Self::Certain => "runs as root",
            Self::Unprevented => "may run as root",
            Self::Drops => "starts as root",
            Self::No => "does not run as root",
        }
    }
}

/// The verdict on one variant: the answer, with the line that decides, and the reason.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// As whom it runs.
    pub root: Answer<Root>,
    /// What decides, in words.
    pub reason: String,
}

/// True for uid 0 under any of its names.
fn is_root(user: User) -> bool {
    match user {
        User::Id(id) => id == 0,
        User::Name(name) => {
            let name = name.as_str();
            name == "root" || name == "0" || name.eq_ignore_ascii_case("ContainerAdministrator")
        }
    }
}

/// As whom a variant of a container runs.
pub fn verdict(estate: &Estate<'_>, variant: &ContainerVariant) -> Verdict {
    let layers: Vec<(&Workload, &Container)> =
        variant.layers.iter().filter_map(|place| estate.container(*place)).collect();
    let Some((workload, container)) = layers.last().copied() else {
        return Verdict { root: Answer::unknown("the container's description is gone"), reason: String::new() };
    };
    if is_windows(workload) {
        return decided(Root::No, container.span, "Windows has no uid 0");
    }
    let own = layers.iter().rev().map(|(_, container)| &container.security);
    let pods = layers.iter().rev().map(|(workload, _)| &workload.security);
    let user = first_stated(own.clone().map(|security| &security.user))
        .or_stated(first_stated(pods.clone().map(|security| &security.user)));
    let non_root = first_stated(own.map(|security: &Security| &security.non_root))
        .or_stated(first_stated(pods.map(|security: &Security| &security.non_root)));
    if let Stated::Known(true, span) = non_root {
        return decided(Root::No, span, "the deployment refuses to run as uid 0");
    }
    match user {
        Stated::Known(user, span) if is_root(user) => {
            return decided(Root::Certain, span, "the deployment sets the user to root");
        }
        Stated::Known(_, span) => return decided(Root::No, span, "the deployment sets a user that is not root"),
        Stated::Unknown(reason) => return Verdict { root: Answer::Unknown(reason), reason: String::new() },
        Stated::Silent => {}
    }
    if let Stated::Unknown(reason) = non_root {
        return Verdict { root: Answer::Unknown(reason), reason: String::new() };
    }
    if let Some(of_recipe) = variant.recipe {
        return of_image(estate, of_recipe, container.span);
    }
    let image = variant.image;
    if image.is_empty() {
        return match variant.platform {
            Platform::Kubernetes => Verdict {
                root: Answer::unknown("the image is computed, and no security context sets a user"),
                reason: String::new(),
            },
            Platform::Compose => Verdict {
                root: Answer::unknown(
                    "the image's recipe is not in the estate, and no user is set; a manifest that forbids root settles it",
                ),
                reason: String::new(),
            },
        };
    }
    foreign(image, container.span)
}

/// What is known of an image that the estate does not build.
fn foreign(image: Symbol, span: Span) -> Verdict {
    match images().find(&image).map(|row| row.user) {
        Some(ImageUser::Root) => {
            decided(Root::Certain, span, &format!("the image {image} runs as root, and nothing sets a user"))
        }
        Some(ImageUser::RootThenDrops) => {
            decided(Root::Drops, span, &format!("the image {image} starts as root and steps down by itself"))
        }
        Some(ImageUser::Unprivileged(user)) => decided(Root::No, span, &format!("the image {image} runs as {user}")),
        Some(ImageUser::Unknown) | None => decided(
            Root::Unprevented,
            span,
            &format!("nothing sets a user, and as whom the image {image} runs is not known"),
        ),
    }
}

/// As whom the shipped stage of a recipe runs: its last `USER`, else that of the stages it
/// is based on, else that of the base image.
pub fn of_image(estate: &Estate<'_>, of_recipe: RecipeUse, container: Span) -> Verdict {
    let Some(recipe) = estate.recipe(of_recipe) else {
        return Verdict { root: Answer::unknown("the recipe is gone"), reason: String::new() };
    };
    let path = estate.path(of_recipe.file);
    let first = recipe.stages.get(of_recipe.stage as usize).map_or(container, |stage| stage.span);
    for stage in stages_below(recipe, of_recipe.stage as usize) {
        match &stage.user {
            Answer::Present(user, evidence) => {
                let span = evidence.0.first().copied().unwrap_or(stage.span);
                return if is_root(*user) {
                    decided(Root::Certain, span, &format!("{path} sets the user to root"))
                } else {
                    decided(Root::No, span, &format!("{path} sets a user that is not root"))
                };
            }
            Answer::Unknown(reason) => return Verdict { root: Answer::Unknown(*reason), reason: String::new() },
            Answer::Absent(_) => {}
        }
        match &stage.base {
            Base::Stage(_) => {}
            Base::Image(image) => return based_on(*image, first, path.as_str()),
            Base::Unknown(reason) => return Verdict { root: Answer::Unknown(*reason), reason: String::new() },
        }
    }
    Verdict { root: Answer::unknown("the recipe's stages are based on each other"), reason: String::new() }
}

fn based_on(image: Symbol, span: Span, path: &str) -> Verdict {
    if image == "scratch" {
        return decided(Root::Certain, span, &format!("{path} sets no user, and an image from scratch runs as root"));
    }
    match images().find(&image).map(|row| row.user) {
        Some(ImageUser::Root) => {
            decided(Root::Certain, span, &format!("{path} sets no user, and its base {image} runs as root"))
        }
        Some(ImageUser::RootThenDrops) => decided(
            Root::Drops,
            span,
            &format!("{path} sets no user, and its base {image} starts as root and steps down by itself"),
        ),
        Some(ImageUser::Unprivileged(user)) => {
            decided(Root::No, span, &format!("the base {image} of {path} runs as {user}"))
        }
        Some(ImageUser::Unknown) | None => decided(
            Root::Unprevented,
            span,
            &format!("{path} sets no user, and as whom its base {image} runs is not known"),
        ),
    }
}

/// The stage and those that it is based on, in the order in which `USER` is looked for.
pub fn stages_below(recipe: &Recipe, stage: usize) -> impl Iterator<Item = &crate::facts::code::Stage> {
    let mut at = Some(stage);
    let mut left = recipe.stages.len();
    std::iter::from_fn(move || {
        let current = recipe.stages.get(at?)?;
        left = left.checked_sub(1)?;
        at = match current.base {
            Base::Stage(earlier) => Some(earlier),
            Base::Image(_) | Base::Unknown(_) => None,
        };
        Some(current)
    })
}

fn is_windows(workload: &Workload) -> bool {
    workload.operating_system.value().is_some_and(|system| system.eq_ignore_ascii_case("windows"))
}

fn decided(root: Root, span: Span, reason: &str) -> Verdict {
    Verdict { root: Answer::present(root, span), reason: reason.to_owned() }
}

/// What the first layer that speaks says.
enum Stated<T> {
    Known(T, Span),
    Unknown(Reason),
    Silent,
}

impl<T> Stated<T> {
    fn or_stated(self, other: Self) -> Self {
        match self {
            Self::Silent => other,
            Self::Known(..) | Self::Unknown(_) => self,
        }
    }
}

fn first_stated<'a, T: Clone + 'a>(layers: impl Iterator<Item = &'a Answer<T>>) -> Stated<T> {
    for answer in layers {
        match answer {
            Answer::Present(value, evidence) => {
                if let Some(span) = evidence.0.first() {
                    return Stated::Known(value.clone(), *span);
                }
            }
            Answer::Unknown(reason) => return Stated::Unknown(*reason),
            Answer::Absent(_) => {}
        }
    }
    Stated::Silent
}

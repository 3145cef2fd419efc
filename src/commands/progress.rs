//! A bar on standard error for runs that take long, where a person watches.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::console;
use crate::pipeline::{Progress, Stage};

/// Shorter runs show nothing.
const SILENT: Duration = Duration::from_secs(1);

/// The bar.
pub struct Bar {
    bar: ProgressBar,
    shown: AtomicBool,
    enabled: bool,
}

impl Bar {
    /// A bar that shows nothing yet; with `quiet` or without a terminal it never does.
    pub fn new(quiet: bool) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template("{msg:>8} {bar:40} {pos}/{len}") {
            bar.set_style(style);
        }
        Self { bar, shown: AtomicBool::new(false), enabled: !quiet && console::stderr_is_terminal() }
    }

    /// Wipes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn show_if_long(&self) {
        if self.enabled && self.bar.elapsed() > SILENT && !self.shown.swap(true, Ordering::Relaxed) {
            self.bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
        }
    }
}

impl Progress for Bar {
    fn stage(&self, stage: Stage, total: usize) {
        self.bar.set_message(stage.word());
        self.bar.set_length(total as u64);
        self.bar.set_position(0);
        self.show_if_long();
    }

    fn step(&self) {
        self.bar.inc(1);
        self.show_if_long();
    }
}

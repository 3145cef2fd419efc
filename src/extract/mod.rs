//! What does this *one* file say? One file of this folder for each artifact kind.
//!
//! A [`SourceFile`] goes in, [`Facts`] come out, always: what cannot be read becomes a
//! problem with its place, and everything else of the file is kept. Knows no second file,
//! no disk and no graph, so it runs in parallel and can be tested with a string.

mod broken;
mod chart_values;
pub mod compose;
pub mod connections;
pub mod dockerfile;
mod functions;
pub mod graphql;
pub mod image_builds;
pub mod interpolation;
pub mod javascript;
pub mod kinds;
pub mod kubernetes;
mod kustomize;
pub mod lockfiles;
pub mod manifest_file;
pub mod manifests;
mod mentions;
pub mod nginx;
pub mod openapi;
mod pipelines;
pub mod prisma;
mod prisma_models;
pub mod proto;
pub mod reading;
pub mod runbooks;
mod scripts;
pub mod secrets;
pub mod settings;
pub mod source_literals;
pub mod sql;
pub mod stages;
mod suppressions;
pub mod watching;

use crate::facts::Facts;
use crate::source::file::SourceFile;
use crate::syntax::template::Values;
use kinds::KINDS;
use reading::Reading;

/// Reads one file by every kind that claims it.
pub fn extract(file: SourceFile<'_>) -> Facts {
    read(Reading::new(file))
}

/// Reads a template of a chart, whose conditions are decided by what `values` know.
pub fn extract_template(file: SourceFile<'_>, values: &Values<'_>) -> Facts {
    read(Reading::of_template(file, values))
}

fn read(mut reading: Reading<'_>) -> Facts {
    for kind in KINDS {
        if (kind.claims)(reading.file.path) {
            (kind.read)(&mut reading);
        }
    }
    suppressions::read(&mut reading);
    broken::redact(&mut reading);
    reading.into_facts()
}

//! Functions that a platform starts when it needs them: `serverless.yml` and templates of AWS SAM.

mod sam;
mod serverless;
#[cfg(test)]
mod tests;
mod triggers;

use super::reading::Reading;
use crate::facts::Fact;
use crate::facts::code::{Entrance, EntryPoint, Runtime};
use crate::source::path::EstatePath;
use crate::source::symbol::Symbol;
use crate::syntax::tree::Node;

/// Most functions read of one file.
const MOST: usize = 1_000;

/// A document of the Serverless Framework, or a template with functions of AWS SAM.
pub fn claims_document(path: EstatePath, document: Node<'_>) -> bool {
    serverless::claims(path, document) || sam::claims(document)
}

/// Adds the functions of a document.
pub fn read_document(reading: &mut Reading<'_>, document: Node<'_>) {
    let functions = if serverless::claims(reading.file.path, document) {
        serverless::functions(reading, document)
    } else {
        sam::functions(reading, document)
    };
    for function in functions {
        // A folder whose code is called by a platform is a service like one that listens, and it
        // is run as it stands.
        if let Some(runtime) = function.runtime {
            let folder = function.handler.map_or(function.folder, EstatePath::parent);
            for entrance in [Entrance::ServerFramework, Entrance::Binary] {
                let entry = EntryPoint { folder, runtime, entrance, span: function.span };
                reading.add(Fact::EntryPoint(Box::new(entry)));
            }
        }
        reading.add(Fact::Function(Box::new(function)));
    }
}

/// `nodejs22.x`, `python3.13`, `java21`, `dotnet8`, `ruby3.4`
/// (docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html, 2026-11); `None` for runtimes
/// that bring their own, and for computed ones.
fn runtime(text: &str) -> Option<Runtime> {
    let known = [
        ("nodejs", Runtime::Node),
        ("python", Runtime::Python),
        ("java", Runtime::Java),
        ("dotnet", Runtime::Dotnet),
        ("ruby", Runtime::Ruby),
        ("go1", Runtime::Go),
    ];
    known.into_iter().find(|(prefix, _)| text.starts_with(prefix)).map(|(_, runtime)| runtime)
}

/// The file of `src/orders.create`, without its ending.
fn handler_file(folder: EstatePath, handler: &str) -> Option<EstatePath> {
    if is_computed(handler) {
        return None;
    }
    let (file, _) = handler.rsplit_once('.')?;
    folder.join(file)
}

/// The export that `src/orders.create` names.
fn handler_export(handler: &str) -> Option<Symbol> {
    let (_, export) = handler.rsplit_once('.').filter(|_| !is_computed(handler))?;
    Some(Symbol::new(export))
}

/// True for texts that only the deployment knows: `${self:custom.stage}`, `${Stage}`.
fn is_computed(text: &str) -> bool {
    text.contains("${")
}

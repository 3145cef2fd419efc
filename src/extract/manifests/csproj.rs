//! Projects of .NET: `*.csproj`, `*.fsproj`, `*.vbproj` (learn.microsoft.com, MSBuild project SDKs, 2026).

use super::dependencies::{blank_unit, framework_entrances, has_role, named};
use crate::extract::reading::Reading;
use crate::facts::Fact;
use crate::facts::code::{DependencyScope, Entrance, Runtime, Unit};
use crate::source::path::EstatePath;
use crate::source::symbol::Symbol;
use crate::syntax::xml::{self, Element};
use crate::tables::frameworks::{Ecosystem, Role, frameworks};

/// Project files of the three languages.
pub fn claims(path: EstatePath) -> bool {
    stem(path).is_some_and(|stem| !stem.is_empty())
}

fn stem(path: EstatePath) -> Option<&'static str> {
    [".csproj", ".fsproj", ".vbproj"].iter().find_map(|end| path.name().strip_suffix(end))
}

/// Adds the project.
pub fn read(reading: &mut Reading<'_>) {
    let parsed = xml::parse(reading.file.id, reading.file.text);
    reading.syntax_problems(&parsed.problems, "MSBuild refuses this file too; repair the XML");
    let Some(project) = parsed.root.as_ref().filter(|root| &*root.name == "Project") else { return };
    let unit = unit(reading, project);
    reading.add(Fact::Unit(Box::new(unit)));
}

fn unit(reading: &Reading<'_>, project: &Element) -> Unit {
    let folder = reading.file.path.parent();
    let mut unit = blank_unit(folder, Runtime::Dotnet, reading.file_start());
    let property = |name: &str| {
        project
            .children_named("PropertyGroup")
            .find_map(|group| group.child(name).filter(|found| !found.text.is_empty()))
    };
    // Without an assembly name the file's own name is it.
    unit.name = stem(reading.file.path).map(Symbol::new);
    if let Some(assembly) = property("AssemblyName").filter(|assembly| !assembly.text.contains("$(")) {
        unit.name = Some(Symbol::new(&assembly.text));
        unit.span = assembly.text_span;
    }
    for group in project.children_named("ItemGroup") {
        for item in &group.children {
            let Some(include) = item.attribute("Include").filter(|include| !include.value.is_empty()) else { continue };
            match &*item.name {
                "PackageReference" => {
                    let version = item.attribute("Version").map(|version| &*version.value);
                    let version = version.or_else(|| item.child("Version").map(|version| &*version.text));
                    let version = version.unwrap_or_default();
                    unit.dependencies.push(named(&include.value, version, DependencyScope::Runtime, include.span));
                }
                "ProjectReference" => {
                    let path = folder.join(&include.value).map(EstatePath::parent);
                    let file = include.value.rsplit(['/', '\\']).next().unwrap_or_default();
                    let name = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
                    let mut dependency = named(name, "", DependencyScope::Runtime, include.span);
                    dependency.path = path;
                    unit.dependencies.push(dependency);
                }
                _ => {}
            }
        }
    }
    let is_test = has_role(Ecosystem::Nuget, &unit.dependencies, Role::Test)
        || property("IsTestProject").is_some_and(|value| value.text.eq_ignore_ascii_case("true"));
    let sdk = project.attribute("Sdk");
    let role = sdk.and_then(|sdk| {
        let name = sdk.value.split('/').next().unwrap_or_default();
        Some((frameworks().role_of(Ecosystem::Nuget, name)?, sdk.span))
    });
    match role {
        Some((Role::Server | Role::Worker, span)) => unit.entrances.push((Entrance::ServerFramework, span)),
        Some((Role::Browser, _)) => unit.runtime = Runtime::Static,
        Some((Role::Client | Role::Test | Role::Load, _)) | None => {}
    }
    if is_test {
        // A test project references what it tests, frameworks included, and starts none of it.
        unit.entrances.clear();
        unit.library = true;
        return unit;
    }
    let output = property("OutputType");
    let is_library = output.is_some_and(|output| output.text.eq_ignore_ascii_case("library"));
    match (output, role) {
        (Some(output), _) if matches!(&*output.text.to_lowercase(), "exe" | "winexe") => {
            unit.entrances.push((Entrance::Binary, output.text_span));
        }
        // The SDKs of web programs and workers build a program where nothing else is said.
        (None, Some((Role::Server | Role::Worker, span))) => unit.entrances.push((Entrance::Binary, span)),
        _other => {}
    }
    // Only the plain SDK builds a library when nothing else is said; a library that brings
    // controllers or workers to whoever references it starts nothing.
    let plain = sdk.is_some_and(|sdk| &*sdk.value == "Microsoft.NET.Sdk");
    unit.library = unit.entrances.is_empty() && (is_library || plain && output.is_none());
    if !unit.library {
        unit.entrances.extend(framework_entrances(Ecosystem::Nuget, &unit.dependencies));
    }
    unit
}

#[cfg(test)]
mod tests {
    use super::{claims, read};
    use crate::extract::manifests::sketch::{sketch, survives_truncation};
    use crate::source::path::EstatePath;

    const ORDERS: &str = "<Project Sdk=\"Microsoft.NET.Sdk.Web\">
  <ItemGroup>
    <PackageReference Include=\"Grpc.AspNetCore\" Version=\"2.60.0\" />
    <ProjectReference Include=\"..\\Money\\Money.csproj\" />
    <Compile Include=\"a.cs\" />
  </ItemGroup>
</Project>
";

    #[test]
    fn a_web_project_is_a_server() {
        assert_eq!(
            sketch("src/Orders/Orders.Api.csproj", ORDERS, read),
            [
                "unit Orders.Api in src/Orders dotnet at 1:1",
                "  entrance ServerFramework at 1:14",
                "  entrance Binary at 1:14",
                "  entrance ServerFramework at 3:31",
                "  needs Grpc.AspNetCore 2.60.0 Runtime at 3:31",
                "  needs Money Runtime from src/Money at 4:31",
            ]
        );
        survives_truncation("Orders.csproj", ORDERS, read);
    }

    #[test]
    fn output_and_tests_decide_what_a_plain_project_is() {
        let project = |body: &str| format!("<Project Sdk=\"Microsoft.NET.Sdk\">{body}</Project>");
        for (text, expected) in [
            (project(""), "unit A in . dotnet library at 1:1"),
            (project("<PropertyGroup><OutputType>Exe</OutputType></PropertyGroup>"), "unit A in . dotnet at 1:1"),
            (
                project(
                    "<ItemGroup><PackageReference Include=\"xunit\"/></ItemGroup><PropertyGroup><OutputType>Exe</OutputType></PropertyGroup>",
                ),
                "unit A in . dotnet library at 1:1",
            ),
            (
                project("<PropertyGroup><AssemblyName>b</AssemblyName></PropertyGroup>"),
                "unit b in . dotnet library at 1:63",
            ),
            ("<Project Sdk=\"Microsoft.NET.Sdk.BlazorWebAssembly\"/>".to_owned(), "unit A in . static at 1:1"),
        ] {
            assert_eq!(sketch("A.csproj", &text, read).first().map(String::as_str), Some(expected), "{text}");
        }
    }

    #[test]
    fn claims_projects_only() {
        assert!(claims(EstatePath::new("a/A.fsproj")));
        assert!(!claims(EstatePath::new("a/A.sln")));
        assert!(!claims(EstatePath::new(".csproj")));
    }
}

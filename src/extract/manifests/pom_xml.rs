//! `pom.xml` of Maven (maven.apache.org/pom.html).

use super::dependencies::{blank_unit, framework_entrances, named};
use crate::extract::reading::Reading;
use crate::facts::Fact;
use crate::facts::code::{Dependency, DependencyScope, Entrance, Runtime, Unit, Workspace};
use crate::source::path::EstatePath;
use crate::source::symbol::Symbol;
use crate::syntax::xml::{self, Element};
use crate::tables::frameworks::Ecosystem;

/// `pom.xml` in any folder.
pub fn claims(path: EstatePath) -> bool {
    path.name() == "pom.xml"
}

/// Adds the project, and a workspace where it lists modules.
pub fn read(reading: &mut Reading<'_>) {
    let parsed = xml::parse(reading.file.id, reading.file.text);
    reading.syntax_problems(&parsed.problems, "Maven refuses this file too; repair the XML");
    let Some(project) = parsed.root.as_ref().filter(|root| &*root.name == "project") else { return };
    let folder = reading.file.path.parent();
    if let Some(modules) = project.child("modules") {
        let members = modules.children_named("module").map(|module| Symbol::new(&module.text)).collect();
        reading.add(Fact::Workspace(Box::new(Workspace { folder, members, excluded: Vec::new(), span: modules.span })));
    }
    let unit = unit(reading, project);
    reading.add(Fact::Unit(Box::new(unit)));
}

fn unit(reading: &Reading<'_>, project: &Element) -> Unit {
    let mut unit = blank_unit(reading.file.path.parent(), Runtime::Java, reading.file_start());
    if let Some(artifact) = project.child("artifactId").filter(|artifact| !artifact.text.is_empty()) {
        unit.name = Some(Symbol::new(&artifact.text));
        unit.span = artifact.text_span;
    }
    let listed = project.child("dependencies").into_iter().flat_map(|list| list.children_named("dependency"));
    unit.dependencies.extend(listed.filter_map(dependency));
    // A parent project hands its settings down and is never run itself.
    unit.library = project.child("packaging").is_some_and(|packaging| &*packaging.text == "pom");
    if !unit.library {
        unit.entrances = framework_entrances(Ecosystem::Maven, &unit.dependencies);
    }
    let plugins = project.at(&["build", "plugins"]).into_iter().flat_map(|list| list.children_named("plugin"));
    for plugin in plugins {
        let Some(artifact) = plugin.child("artifactId") else { continue };
        match &*artifact.text {
            "spring-boot-maven-plugin" | "quarkus-maven-plugin" | "micronaut-maven-plugin" if !unit.library => {
                unit.entrances.push((Entrance::Binary, artifact.text_span));
            }
            "kotlin-maven-plugin" => unit.runtime = Runtime::Kotlin,
            _ => {}
        }
    }
    unit
}

/// `group:artifact`; the place is the artifact's.
fn dependency(element: &Element) -> Option<Dependency> {
    let artifact = element.child("artifactId").filter(|artifact| !artifact.text.is_empty())?;
    let group = element.child("groupId").map_or("", |group| &*group.text);
    let version = element.child("version").map_or("", |version| &*version.text);
    let scope = match element.child("scope").map_or("", |scope| &*scope.text) {
        "test" => DependencyScope::Development,
        "provided" | "system" | "import" => DependencyScope::Build,
        _ => DependencyScope::Runtime,
    };
    Some(named(&format!("{group}:{}", artifact.text), version, scope, artifact.text_span))
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::extract::manifests::sketch::{sketch, survives_truncation};

    const ORDERS: &str = "<?xml version=\"1.0\"?>
<project>
  <parent><artifactId>shop-parent</artifactId></parent>
  <artifactId>orders</artifactId>
  <dependencies>
    <dependency>
      <groupId>org.springframework.boot</groupId>
      <artifactId>spring-boot-starter-web</artifactId>
    </dependency>
    <dependency><groupId>org.junit.jupiter</groupId><artifactId>junit</artifactId><version>5</version><scope>test</scope></dependency>
  </dependencies>
  <build><plugins>
    <plugin><artifactId>spring-boot-maven-plugin</artifactId></plugin>
    <plugin><artifactId>kotlin-maven-plugin</artifactId></plugin>
  </plugins></build>
</project>
";

    #[test]
    fn a_project_has_its_evidence_and_its_dependencies_in_place() {
        assert_eq!(
            sketch("orders/pom.xml", ORDERS, read),
            [
                "unit orders in orders kotlin at 4:15",
                "  entrance ServerFramework at 8:19",
                "  entrance Binary at 13:25",
                "  needs org.springframework.boot:spring-boot-starter-web Runtime at 8:19",
                "  needs org.junit.jupiter:junit 5 Development at 10:65",
            ]
        );
        survives_truncation("pom.xml", ORDERS, read);
    }

    #[test]
    fn a_parent_is_a_workspace_and_no_process() {
        let text = "<project><artifactId>shop</artifactId><packaging>pom</packaging>\n<modules><module>orders</module><module>../money</module></modules>\n<dependencies><dependency><groupId>io.javalin</groupId><artifactId>javalin</artifactId></dependency></dependencies></project>";
        assert_eq!(
            sketch("pom.xml", text, read),
            [
                "workspace . [orders ../money] without [] at 2:1",
                "unit shop in . java library at 1:22",
                "  needs io.javalin:javalin Runtime at 3:68",
            ]
        );
    }

    #[test]
    fn other_documents_are_no_projects() {
        assert!(sketch("pom.xml", "<settings/>", read).is_empty());
        assert_eq!(sketch("pom.xml", "<project><artifactId>a</artifactId>", read).len(), 2);
    }
}

//! Decorators of classes and of their members, as the walk keeps them.

use super::event::Decorated;
use super::value::{ClassRef, FunctionRef, ModuleId};
use super::walk::Walk;
use crate::facts::program::{ClassId, NodeId};
use crate::source::symbol::Symbol;

/// A decorator before it is evaluated: the member, its function, the parameter, the expression.
type Decoration = (Option<Symbol>, Option<FunctionRef>, Option<u32>, NodeId);

impl Walk<'_> {
    /// Evaluates the decorators of a module's classes and of their members.
    pub(super) fn decorators(&mut self, id: ModuleId) {
        let Some(module) = self.modules.get(id) else { return };
        let frame = self.body(id);
        for (number, class) in module.classes.iter().enumerate() {
            let class_ref = ClassRef { module: id, class: ClassId(number as u32) };
            let mut found: Vec<Decoration> = class.decorators.iter().map(|node| (None, None, None, *node)).collect();
            for field in &class.fields {
                found.extend(field.decorators.iter().map(|node| (Some(field.name), None, None, *node)));
            }
            for method in &class.methods {
                let Some(function) = module.functions.get(method.function.0 as usize) else { continue };
                let reference = FunctionRef { module: id, function: method.function };
                let of_method = function.decorators.iter();
                found.extend(of_method.map(|node| (Some(method.name), Some(reference), None, *node)));
                for (place, parameter) in function.parameters.iter().enumerate() {
                    let of_parameter = parameter.decorators.iter();
                    found.extend(
                        of_parameter.map(|node| (Some(method.name), Some(reference), Some(place as u32), *node)),
                    );
                }
            }
            for (member, method, parameter, node) in found {
                let decorator = self.evaluate(id, &frame, node);
                self.events.decorated.push(Decorated { class: class_ref, member, method, parameter, decorator });
            }
        }
    }
}

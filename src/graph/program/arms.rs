//! Which arms of a function's conditions a walk enters, where what it was given tells.

use std::rc::Rc;

use super::value::{Frame, ModuleId, Value};
use super::walk::Walk;
use crate::facts::program::{Expr, Module, NodeId, When};

/// How many names a compared value may come through from its parameter.
const NAMES: usize = 4;

/// Whether a walk enters an arm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entered {
    /// Whatever leads to it holds.
    Always,
    /// It cannot be told.
    Perhaps,
    /// What it was given leads elsewhere.
    Never,
}

impl Walk<'_> {
    /// Whether `frame` enters an arm, with all around it. Only comparisons of what the function
    /// was given count: other values change while it runs.
    pub(super) fn entered(&mut self, frame: &Rc<Frame>, arm: Option<u32>) -> Entered {
        let id = frame.function.module;
        let Some(module) = self.modules.get(id) else { return Entered::Perhaps };
        let (mut at, mut entered) = (arm, Entered::Always);
        while let Some(arm) = at.and_then(|at| module.arms.get(at as usize)) {
            let of_this = match &arm.when {
                None => Entered::Perhaps,
                Some(_) if frame.arguments.is_none() => Entered::Perhaps,
                Some(When::One(tests)) => match self.any(id, frame, tests) {
                    Some(true) => Entered::Always,
                    Some(false) => Entered::Never,
                    None => Entered::Perhaps,
                },
                Some(When::None(tests)) => match self.any(id, frame, tests) {
                    Some(true) => Entered::Never,
                    Some(false) => Entered::Always,
                    None => Entered::Perhaps,
                },
            };
            match of_this {
                Entered::Always => {}
                Entered::Perhaps => entered = Entered::Perhaps,
                Entered::Never => return Entered::Never,
            }
            at = arm.outer;
        }
        entered
    }

    /// Whether one of these comparisons holds; `None`: that depends.
    fn any(&mut self, id: ModuleId, frame: &Rc<Frame>, tests: &[NodeId]) -> Option<bool> {
        let mut all = true;
        for test in tests {
            match self.compared(id, frame, *test) {
                Some(true) => return Some(true),
                Some(false) => {}
                None => all = false,
            }
        }
        all.then_some(false)
    }

    fn compared(&mut self, id: ModuleId, frame: &Rc<Frame>, test: NodeId) -> Option<bool> {
        let module = self.modules.get(id)?;
        let Expr::Binary { left, right, .. } = &module.node(test).expr else { return None };
        if !is_given(module, *left, NAMES) && !is_given(module, *right, NAMES) {
            return None;
        }
        match self.evaluate(id, frame, test).value {
            Value::Bool(holds) => Some(holds),
            _other => None,
        }
    }
}

/// True for a parameter that nobody sets, or a part of one.
fn is_given(module: &Module, node: NodeId, names: usize) -> bool {
    let Some(below) = names.checked_sub(1) else { return false };
    match &module.node(node).expr {
        Expr::Member { object, .. } => is_given(module, *object, below),
        Expr::Variable(variable) => match module.variables.get(variable.0 as usize) {
            Some(known) if known.parameter.is_some() => known.values.is_empty(),
            Some(known) => matches!(known.values.as_slice(), [one] if is_given(module, *one, below)),
            None => false,
        },
        _other => false,
    }
}

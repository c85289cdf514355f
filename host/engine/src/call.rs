//! One call of a guest, and the breach that explains a missing answer.

use rustc_demangle::demangle;
use wasmtime::{
    Store, Trap, WasmBacktrace, WasmCoreDump,
    component::{ComponentExportIndex, ComponentNamedList, Instance, Lift, Lower},
};

use crate::{
    Breach, Limits, Unfit,
    component::Prepared,
    panic_text::panic_text,
    store::{Held, limited_store},
    words::printable,
};

/// The result of a call.
pub(crate) struct Called<D: 'static, T> {
    /// The answer, or why there is none: see [`breach`].
    pub(crate) answer: wasmtime::Result<T>,
    /// The store in which the call ran.
    pub(crate) store: Store<Held<D>>,
}

impl<D: 'static> Prepared<D> {
    /// Calls a function in a new store.
    pub(crate) fn call<P, T>(&self, data: D, function: &ComponentExportIndex, parameters: P) -> Called<D, T>
    where
        P: ComponentNamedList + Lower,
        T: 'static,
        (T,): ComponentNamedList + Lift,
    {
        let mut store = limited_store(self.instance.engine(), &self.limits, self.leaves_texts, data);
        let answer = self.start(&mut store).and_then(|instance| {
            let function = instance.get_typed_func::<P, (T,)>(&mut store, function)?;
            function.call(&mut store, parameters).map(|(answer,)| answer)
        });
        Called { answer, store }
    }

    /// Starts the component once, to check that it starts and has the functions of the contract.
    pub(crate) fn try_start(
        &self,
        data: D,
        has_functions: impl FnOnce(&Instance, &mut Store<Held<D>>) -> wasmtime::Result<()>,
    ) -> Result<(), Unfit> {
        let mut store = limited_store(self.instance.engine(), &self.limits, self.leaves_texts, data);
        let instance = self
            .start(&mut store)
            .map_err(|error| Unfit::DoesNotStart { breach: breach(error, &store, &self.limits) })?;
        has_functions(&instance, &mut store).map_err(|source| Unfit::OtherContract { source: source.into() })
    }

    /// Instantiates the component. Its start function has the same limits as any other.
    fn start(&self, store: &mut Store<Held<D>>) -> wasmtime::Result<Instance> {
        if self.metered {
            store.set_fuel(self.limits.fuel)?;
        }
        self.instance.instantiate(store)
    }

    /// The fuel that was used in a store. `None`: fuel is not counted.
    pub(crate) fn fuel_used(&self, store: &Store<Held<D>>) -> Option<u64> {
        store.get_fuel().ok().map(|left| self.limits.fuel.saturating_sub(left))
    }
}

/// wasmtime has no type for this error, only this text.
const RETURNED_TOO_MUCH: &str = "fuel allocated for hostcalls has been exhausted";

/// The breach behind an error of a call in this store, as far as wasmtime and the guest reveal it.
pub(crate) fn breach<D: 'static>(error: wasmtime::Error, store: &Store<Held<D>>, limits: &Limits) -> Breach {
    if store.data().limiter.exceeded() {
        return Breach::OutOfMemory { limit: limits.memory };
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => Breach::OutOfFuel { limit: limits.fuel },
        Some(Trap::Interrupt) => Breach::DeadlineExceeded { limit: limits.deadline },
        Some(Trap::StackOverflow) => Breach::StackOverflow,
        Some(trap) => match panic_text(&error, store).filter(|_| store.data().leaves_texts) {
            Some(message) => Breach::Panic { message },
            None => Breach::Trap { trap: *trap, functions: functions(&error) },
        },
        None if error.chain().any(|cause| cause.to_string().contains(RETURNED_TOO_MUCH)) => {
            Breach::ReturnedTooMuch { limit: limits.returned_data }
        }
        // Its text would be the whole dump: the memories and globals of the guest.
        None if error.downcast_ref::<WasmCoreDump>().is_some() => {
            Breach::Unreadable { source: printable(&error.root_cause().to_string()).into() }
        }
        None => Breach::Unreadable { source: error.into() },
    }
}

/// The demangled names of the functions on the stack, the innermost first.
fn functions(error: &wasmtime::Error) -> Vec<String> {
    let frames = error.downcast_ref::<WasmBacktrace>().map_or(&[][..], WasmBacktrace::frames);
    let names = frames.iter().filter_map(|frame| frame.func_name());
    names.map(|name| printable(&format!("{:#}", demangle(name)))).collect()
}

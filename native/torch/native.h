// What the sources of the binding share.
#pragma once
#include "mdfld_torch.h"

#include <ATen/ATen.h>

#include <string>

std::string& mdfld_last_error();

// Runs `body`; an exception becomes the thread's error text and a 1.
template <typename Body>
int guarded(Body body) {
    try {
        body();
        return 0;
    } catch (const c10::Error& e) {
        mdfld_last_error() = e.what_without_backtrace();
    } catch (const std::exception& e) {
        mdfld_last_error() = e.what();
    } catch (...) {
        mdfld_last_error() = "libtorch threw something that is no exception";
    }
    return 1;
}

inline at::Tensor& unwrap(void* handle) { return *static_cast<at::Tensor*>(handle); }

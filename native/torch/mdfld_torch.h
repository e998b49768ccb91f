// C ABI of Mdfld.Torch over libtorch. Every function that can fail returns 0 on success; the text of the last
// failure on the calling thread is mdfld_error(). Tensor handles are owned by the caller: release each one once.
#pragma once
#include <cstdint>

#ifdef _WIN32
#define MDFLD_API extern "C" __declspec(dllexport)
#else
#define MDFLD_API extern "C" __attribute__((visibility("default")))
#endif

enum class MdfldKind : int32_t {
    None = 0,
    Tensor = 1,       // pointer: tensor handle
    Int = 2,          // integer
    Double = 3,       // real
    Bool = 4,         // integer, 0 or 1
    IntList = 5,      // pointer: int64_t[integer]
    DoubleList = 6,   // pointer: double[integer]
    BoolList = 7,     // pointer: uint8_t[integer]
    TensorList = 8,   // pointer: tensor handle[integer]; null stands for "no tensor" where the schema allows it
    String = 9,       // pointer: UTF-8, integer bytes
    Device = 10,      // pointer: UTF-8 such as "cpu" or "cuda:0", integer bytes
};

struct MdfldValue {
    MdfldKind kind;
    int32_t reserved;
    int64_t integer;
    double real;
    void* pointer;
};

MDFLD_API const char* mdfld_error();
MDFLD_API const char* mdfld_libtorch_version();

// Operators, by ATen schema name ("aten::conv2d") and overload ("" or e.g. "Scalar").
MDFLD_API int mdfld_operator_find(const char* name, const char* overload, void** out);
// Calls boxed. Arguments left off at the end take the schema's defaults. Results: one value a return, lists of
// tensors flattened; `results` holds `capacity` values, `*count` says how many were written.
MDFLD_API int mdfld_operator_call(void* op, const MdfldValue* arguments, int32_t argument_count,
                                  MdfldValue* results, int32_t capacity, int32_t* count);

// TorchScript modules, in evaluation mode. Such a file is code: libtorch's interpreter runs it with the rights of the
// process. Tensors saved on another device are loaded to `device` ("cpu", "cuda:0").
MDFLD_API int mdfld_script_load(const char* path, const char* device, void** out);
// Calls forward; any number of threads may at once. Tuples and lists are flattened into `results`.
MDFLD_API int mdfld_script_run(void* module, void* const* inputs, int32_t input_count,
                               MdfldValue* results, int32_t capacity, int32_t* count);
MDFLD_API void mdfld_script_release(void* module);

// Tensors. Scalar types are libtorch's own numbers (0 uint8, 4 int64, 6 float, 7 double, 11 bool ...).
MDFLD_API int mdfld_tensor_from(const void* data, int64_t bytes, const int64_t* sizes, int32_t dims, int32_t type,
                                void** out);
MDFLD_API int mdfld_tensor_to(void* tensor, void* data, int64_t bytes);
// The memory of a contiguous CPU tensor, or null.
MDFLD_API void* mdfld_tensor_data(void* tensor);
MDFLD_API int32_t mdfld_tensor_dims(void* tensor);
MDFLD_API void mdfld_tensor_sizes(void* tensor, int64_t* sizes);
MDFLD_API int32_t mdfld_tensor_type(void* tensor);
// The CUDA device's number, or -1 for the CPU.
MDFLD_API int32_t mdfld_tensor_device(void* tensor);
MDFLD_API void mdfld_tensor_release(void* tensor);
// Handles not yet released, for leak tests.
MDFLD_API int64_t mdfld_tensor_live();

// Autograd.
MDFLD_API int mdfld_tensor_requires_grad(void* tensor);
MDFLD_API int mdfld_tensor_set_requires_grad(void* tensor, int value);
MDFLD_API int mdfld_tensor_backward(void* tensor);
// Null where there is none.
MDFLD_API int mdfld_tensor_grad(void* tensor, void** out);
MDFLD_API int mdfld_tensor_clear_grad(void* tensor);
// Sets whether the calling thread records gradients; returns what it was.
MDFLD_API int mdfld_grad_mode(int enabled);
// Lets the operators that gain by it compute in `type` on the calling thread, on CUDA or on the CPU; -1 ends that.
// Returns the type before, or -1.
MDFLD_API int32_t mdfld_autocast(int cuda, int32_t type);

// Several processes, by c10d. Rank 0 opens a TCP store at host:port; all wait there for each other. `backend` is "gloo"
// (CPU tensors) or "nccl" (CUDA tensors). Every rank makes the same calls in the same order; each returns when it is
// done everywhere it must be.
MDFLD_API int mdfld_group_create(const char* backend, const char* host, int32_t port, int32_t rank, int32_t size,
                                 int64_t timeout_ms, void** out);
// Each tensor becomes the sum, or the mean, of the ranks' tensors in its place; the same bits on every rank.
MDFLD_API int mdfld_group_all_reduce(void* group, void* const* tensors, int32_t count, int average);
// Each tensor becomes rank `root`'s.
MDFLD_API int mdfld_group_broadcast(void* group, void* const* tensors, int32_t count, int32_t root);
MDFLD_API int mdfld_group_barrier(void* group);
MDFLD_API void mdfld_group_release(void* group);

// Settings of the whole library.
MDFLD_API int mdfld_manual_seed(uint64_t seed);
MDFLD_API int mdfld_set_threads(int32_t threads);
MDFLD_API int32_t mdfld_get_threads();
MDFLD_API int mdfld_set_flush_denormal(int enabled);
MDFLD_API int mdfld_cuda_available();

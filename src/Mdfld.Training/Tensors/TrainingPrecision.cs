namespace Mdfld.Training;

/// <summary>Element types to train in.</summary>
public enum TrainingPrecision
{
    /// <summary>32-bit floats.</summary>
    Float32,

    /// <summary>
    /// Floats with 8 bits of mantissa on cards and on processors that compute with them (AVX-512 BF16, AMX), where networks
    /// take half the time; <see cref="Float32"/> elsewhere.
    /// </summary>
    Bfloat16,
}

using System.Diagnostics.Metrics;
using Mdfld;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Landmark detection for applications that are put together by a container.</summary>
public static class MdfldServiceCollectionExtensions
{
    /// <summary>
    /// Adds one <see cref="LandmarkDetector"/> with the default models, made when first asked for and shared by all;
    /// it logs to, and counts in, what the container has.
    /// </summary>
    /// <param name="services">The container being put together.</param>
    /// <param name="options">How the detector runs.</param>
    public static IServiceCollection AddMdfld(
        this IServiceCollection services, DetectorOptions? options = null) => services.AddMdfld(_ => options);

    /// <summary>As above; the options may depend on other services.</summary>
    public static IServiceCollection AddMdfld(
        this IServiceCollection services, Func<IServiceProvider, DetectorOptions?> options)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(options);
        services.TryAddSingleton(provider =>
        {
            var wanted = options(provider) ?? new DetectorOptions();
            return LandmarkDetector.Create(wanted with
            {
                Logging = wanted.Logging ?? (ILoggerFactory?)provider.GetService(typeof(ILoggerFactory)),
                Meters = wanted.Meters ?? (IMeterFactory?)provider.GetService(typeof(IMeterFactory)),
            });
        });
        services.TryAddSingleton<ILandmarkDetector>(provider => provider.GetRequiredService<LandmarkDetector>());
        return services;
    }
}

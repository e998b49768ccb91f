using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Net.Http.Headers;

namespace Mdfld.Studio;

/// <summary>
/// What every request has to pass: it was sent to this server's own name (a foreign name that leads here is DNS
/// rebinding), from no other origin, and with the token as the first part of its path, which is then taken off.
/// </summary>
/// <param name="address">Where the server listens; names are only checked on loopback.</param>
/// <param name="token">The token, or null where none is asked for.</param>
internal sealed class Gate(IPAddress address, string? token)
{
    private readonly byte[]? _token = token is null ? null : Encoding.UTF8.GetBytes(token);

    /// <summary>A token that nobody guesses: 128 random bits.</summary>
    public static string NewToken() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    /// <summary>Lets a request through or answers 403.</summary>
    public Task Pass(HttpContext context, RequestDelegate next)
    {
        var headers = context.Response.Headers;
        headers[HeaderNames.XContentTypeOptions] = "nosniff";
        headers[HeaderNames.CacheControl] = "no-store";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers[HeaderNames.ContentSecurityPolicy] =
            "default-src 'self'; img-src 'self' blob: data:; base-uri 'none'; "
            + "form-action 'none'; frame-ancestors 'none'; object-src 'none'";
        var request = context.Request;
        if (IPAddress.IsLoopback(address) && !IsOwnName(request.Host.Host))
            throw new RequestException(403, $"the host '{request.Host.Host}' is not this server's name");
        if (IsForeign(request))
            throw new RequestException(403, "a request of another origin is refused");
        if (_token is not null && !TakeToken(request))
            throw new RequestException(403, "the token is missing or wrong: open the address that the program printed");
        return next(context);
    }

    private static bool IsOwnName(string host) => host is "127.0.0.1" or "localhost" or "[::1]";

    private static bool IsForeign(HttpRequest request)
    {
        // A browser says where a request comes from; other programs say nothing. A click on a link elsewhere may open
        // the page: it knows the token, or it does not.
        var origin = request.Headers.Origin;
        if (origin.Count > 0)
            return origin.Count != 1 || origin[0] != $"{request.Scheme}://{request.Host}";
        var site = request.Headers["Sec-Fetch-Site"];
        return site.Count > 0 && site[0] is not ("same-origin" or "none")
            && request.Headers["Sec-Fetch-Mode"] != "navigate";
    }

    private bool TakeToken(HttpRequest request)
    {
        var path = request.Path.Value ?? "";
        var end = path.IndexOf('/', Math.Min(1, path.Length));
        var first = path.Length < 2 ? "" : end < 0 ? path[1..] : path[1..end];
        if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(first), _token))
            return false;
        request.PathBase = request.PathBase.Add($"/{first}");
        request.Path = end < 0 ? "" : path[end..];
        return true;
    }
}

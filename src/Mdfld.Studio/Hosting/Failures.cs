using System.Text.Json;

namespace Mdfld.Studio;

/// <summary>A request that cannot be answered as it is.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="message">What is wrong and what would be right.</param>
internal sealed class RequestException(int status, string message) : Exception(message)
{
    /// <summary>The HTTP status.</summary>
    public int Status => status;

    /// <summary>What the answer holds beside the message.</summary>
    public object? Details { get; init; }
}

/// <summary>Errors as answers: <c>{"error": "..."}</c>, in words for people.</summary>
internal static class Failures
{
    /// <summary>Answers what an endpoint throws.</summary>
    public static async Task Answer(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
            if (context.Response is { StatusCode: 404, HasStarted: false })
                await Write(context, 404, "there is nothing at this address", null);
            else if (context.Response is { StatusCode: 405, HasStarted: false })
                await Write(context, 405, "this address does not take that method", null);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody waits for an answer.
        }
        catch (RequestException e)
        {
            await Write(context, e.Status, e.Message, e.Details);
        }
        catch (BadHttpRequestException e)
        {
            var words = e switch
            {
                { StatusCode: 413 } => "the request is larger than this server takes",
                { InnerException: JsonException } => "the request's JSON is not what was expected",
                _ => "no request that can be read: a parameter is missing or wrong",
            };
            await Write(context, e.StatusCode, words, null);
        }
        catch (Exception e) when (e is InvalidDataException or ArgumentException or NotSupportedException)
        {
            await Write(context, 422, OneLine(e.Message), null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await Write(context, 500, OneLine(e.Message), null);
        }
        catch (DllNotFoundException e)
        {
            await Write(context, 501, OneLine(e.Message), null);
        }
    }

    private static string OneLine(string message) => message.ReplaceLineEndings(" ").Trim();

    private static async Task Write(HttpContext context, int status, string message, object? details)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }
        context.Response.StatusCode = status;
        try
        {
            await context.Response.WriteAsJsonAsync(new { error = message, details }, context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            // The client is gone.
        }
    }
}

using System.Collections.Immutable;
using XenBalloon.Bus.Definitions;

namespace XenBalloon.Bus.SdBus;

/// <summary>A call of someone else that has not been answered yet. Lives on the bus thread, except that the handler's task may end anywhere.</summary>
internal sealed class PendingCall : IMethodCall, IDisposable
{
    private readonly SdBusConnection connection;
    private readonly Message call;
    private readonly BusArgument? output;

    internal PendingCall(SdBusConnection connection, Message call, ImmutableArray<BusArgument> inputs, BusArgument? output)
    {
        this.connection = connection;
        this.call = call;
        this.output = output;
        Member = call.Member;
        try
        {
            Arguments = [.. inputs.Select(input => call.Read(input.Type))];
        }
        catch
        {
            call.Dispose();
            throw;
        }

        connection.Remember(this);
    }

    /// <inheritdoc/>
    public string Member { get; }

    /// <inheritdoc/>
    public ImmutableArray<BusValue> Arguments { get; }

    /// <inheritdoc/>
    public string Caller => call.Sender;

    /// <inheritdoc/>
    public Task<uint> GetCallerUidAsync() => connection.GetUidAsync(call.Sender);

    /// <inheritdoc/>
    public Task<PolkitAnswer> AskPolkitAsync(string action) => connection.AskPolkitAsync(call.Sender, action, call.AllowsQuestions);

    /// <summary>Drops the call; when it was not answered, the bus tells the caller so once we have left.</summary>
    public void Dispose()
    {
        call.Dispose();
        connection.Forget(this);
    }

    /// <summary>Has the call handled and answers it on the bus thread when that is done.</summary>
    internal void Follow<T>(Func<T, IMethodCall, Task<BusValue?>> handle, T state)
    {
        Task<BusValue?> handling;
        try
        {
            handling = handle(state, this);
        }
        catch (Exception exception)
        {
            handling = Task.FromException<BusValue?>(exception);
        }

        // Answers need not wait for a turn of the loop when there was nothing to wait for.
        if (handling.IsCompleted) Answer(handling);
        else handling.ContinueWith(done => connection.Post(() => Answer(done)), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private void Answer(Task<BusValue?> handling)
    {
        if (call.IsClosed) return; // the connection was closed in the meantime
        using PendingCall until = this;
        if (!handling.IsCompletedSuccessfully) RespondWith(handling.Exception?.InnerException ?? new OperationCanceledException("it was cancelled"));
        else if (handling.Result is { } value && output is not null) SdBusConnection.Reply(call, value);
        else SdBusConnection.Reply(call, null);
    }

    private void RespondWith(Exception failure)
    {
        if (failure is MethodErrorException error) SdBusConnection.ReplyError(call, error.Name, error.Message);
        else if (failure is ControlRefusedException refused) SdBusConnection.ReplyError(call, ErrorNames.Of(refused.Refusal), refused.Message);
        else SdBusConnection.ReplyError(call, ErrorNames.Failed, failure.Message);
    }
}

using System.Threading.Channels;
using XenBalloon.Bus;
using XenBalloon.Core;

namespace XenBalloon.Daemon.Loop;

/// <summary>A request of an administrator. The loop carries it out between two passes, on its own thread.</summary>
/// <param name="action">Carries it out; an exception refuses it.</param>
internal sealed class LoopRequest(Action action)
{
    private readonly TaskCompletionSource<Publication> completion =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes with the first publication after the request; fails if the request is refused.</summary>
    internal Task<Publication> Completion => completion.Task;

    /// <summary>Carries it out; false if it is refused.</summary>
    internal bool TryRun()
    {
        try
        {
            action();
            return true;
        }
        catch (Exception exception)
        {
            // Any failure is reported to the caller and must not end the loop.
            Fail(exception);
            return false;
        }
    }

    /// <summary>Answers the caller.</summary>
    internal void Complete(Publication publication) => completion.TrySetResult(publication);

    /// <summary>Refuses the request.</summary>
    internal void Fail(Exception exception) => completion.TrySetException(exception);
}

/// <summary>Requests from any thread that wait for the loop.</summary>
internal sealed class RequestQueue(LoopSignal signal)
{
    /// <summary>More waiting requests mean that the loop hangs; then a caller is refused at once.</summary>
    private const int MaxWaiting = 256;

    private readonly Channel<LoopRequest> channel =
        Channel.CreateBounded<LoopRequest>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });

    /// <summary>Queues a request.</summary>
    /// <returns>The first publication after the request was carried out.</returns>
    internal Task<Publication> Post(Action action)
    {
        var request = new LoopRequest(action);
        bool queued = channel.Writer.TryWrite(request);
        signal.Wake();
        if (!queued) request.Fail(new ControlException(ControlError.Failed, "the daemon is too busy: try again later"));
        return request.Completion;
    }

    /// <summary>Removes and returns all waiting requests.</summary>
    internal IReadOnlyList<LoopRequest> TakeAll()
    {
        var requests = new List<LoopRequest>();
        while (channel.Reader.TryRead(out LoopRequest? request)) requests.Add(request);
        return requests;
    }
}

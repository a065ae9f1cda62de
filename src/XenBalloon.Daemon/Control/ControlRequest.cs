using XenBalloon.Core;

namespace XenBalloon.Daemon.Control;

/// <summary>Something that an operator asked for; carried out by the loop between two steps.</summary>
/// <param name="change">What is to be done; what it throws is the answer.</param>
internal sealed class ControlRequest(Action<Steering> change)
{
    private readonly TaskCompletionSource<Publication> done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes with the first publication that knows of the request; fails where it is refused.</summary>
    internal Task<Publication> Done => done.Task;

    /// <summary>Does it; says whether a step is owed to it.</summary>
    internal bool Apply(Steering steering)
    {
        try
        {
            change(steering);
            return true;
        }
        catch (Exception exception)
        {
            // Whatever it is, it is the business of whoever asked, and none of the loop's.
            Fail(exception);
            return false;
        }
    }

    /// <summary>Says that it is done.</summary>
    internal void Complete(Publication publication) => done.TrySetResult(publication);

    /// <summary>Says that it cannot be done.</summary>
    internal void Fail(Exception why) => done.TrySetException(why);
}

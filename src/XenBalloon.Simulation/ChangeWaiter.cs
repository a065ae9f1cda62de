namespace XenBalloon.Simulation;

/// <summary>
/// Somebody who waits for a change. Its task is complete as soon as <see cref="Wake"/> returns (a continuation of another task would come later, on
/// another thread), so that who drives virtual time sees it at once; what waits on it still runs elsewhere.
/// </summary>
internal sealed class ChangeWaiter() : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
{
    private CancellationTokenRegistration registration;

    /// <summary>Begins to listen for cancellation.</summary>
    public void Until(CancellationToken cancellation) => registration = cancellation.Register(() => TrySetCanceled(cancellation));

    /// <summary>There is a change.</summary>
    public void Wake()
    {
        registration.Unregister();
        TrySetResult();
    }

    /// <summary>There will be none any more.</summary>
    public void GiveUp()
    {
        registration.Unregister();
        TrySetCanceled(CancellationToken.None);
    }
}

namespace XenBalloon.Bus.SdBus;

/// <summary>An answer that we wait for, and how to read it.</summary>
/// <typeparam name="T">What is read from it.</typeparam>
internal sealed class PendingReply<T>(SdBusConnection connection, Func<Message, T> read) : PendingReply(connection)
{
    private readonly TaskCompletionSource<T> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The answer, or the error that it was.</summary>
    internal Task<T> Result => completion.Task;

    /// <inheritdoc/>
    protected override void Take(Message reply)
    {
        try
        {
            if (reply.Error is { } error) completion.SetException(error);
            else completion.SetResult(read(reply));
        }
        catch (SdBusException exception)
        {
            completion.SetException(exception);
        }
    }
}

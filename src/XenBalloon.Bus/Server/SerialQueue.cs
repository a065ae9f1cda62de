using System.Threading.Channels;

namespace XenBalloon.Bus.Server;

/// <summary>
/// Runs one piece of work at a time, in order, and resumes it here after each await, so that the objects on the bus
/// need no locks. The library's reading thread must not block, so calls are handled here.
/// </summary>
internal sealed class SerialQueue : SynchronizationContext
{
    private readonly Channel<(SendOrPostCallback Work, object? State)> queue =
        Channel.CreateUnbounded<(SendOrPostCallback, object?)>(new UnboundedChannelOptions { SingleReader = true });

    /// <summary>Starts running work.</summary>
    internal SerialQueue() => Completion = Task.Run(RunAsync);

    /// <summary>
    /// Completes when all work is done after <see cref="Complete"/>; fails with the exception of any piece of work.
    /// </summary>
    internal Task Completion { get; }

    /// <inheritdoc/>
    public override void Post(SendOrPostCallback d, object? state) => queue.Writer.TryWrite((d, state));

    /// <inheritdoc/>
    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Queues work; has no effect after <see cref="Complete"/>.</summary>
    internal void Post(Action work) => Post(static state => ((Action)state!)(), work);

    /// <summary>Queues asynchronous work; an exception stops the queue.</summary>
    internal void Post(Func<Task> work) => Post(new Action(async () => await work()));

    /// <summary>Accepts no more work.</summary>
    internal void Complete() => queue.Writer.TryComplete();

    private async Task RunAsync()
    {
        await foreach ((SendOrPostCallback work, object? state) in queue.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            SynchronizationContext? previous = Current;
            SetSynchronizationContext(this);
            try
            {
                work(state);
            }
            finally
            {
                SetSynchronizationContext(previous);
            }
        }
    }
}

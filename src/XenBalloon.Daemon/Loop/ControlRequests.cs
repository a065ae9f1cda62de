using System.Threading.Channels;
using XenBalloon.Bus;
using XenBalloon.Core.Settings;

namespace XenBalloon.Daemon.Loop;

/// <summary>What operators ask for, from whatever thread, on its way to the loop.</summary>
internal sealed class ControlRequests : IManagerControl
{
    /// <summary>More than this waiting means that the loop hangs: then nobody is to be kept waiting.</summary>
    private const int Most = 256;

    private readonly Channel<ControlRequest> channel = Channel.CreateBounded<ControlRequest>(new BoundedChannelOptions(Most) { SingleReader = true });

    public Task SetModeAsync(BalancerMode mode) => Post(new ControlRequest { Mode = mode });

    public Task ReloadAsync() => Post(new ControlRequest { Reload = true });

    public Task BalanceAsync() => Post(new ControlRequest());

    /// <summary>Completes when something has been asked for.</summary>
    internal Task WaitAsync(CancellationToken cancellation) => channel.Reader.WaitToReadAsync(cancellation).AsTask();

    /// <summary>All that has been asked for since the last time.</summary>
    internal IReadOnlyList<ControlRequest> Take()
    {
        var requests = new List<ControlRequest>();
        while (channel.Reader.TryRead(out ControlRequest? request)) requests.Add(request);
        return requests;
    }

    private Task Post(ControlRequest request)
    {
        if (!channel.Writer.TryWrite(request)) request.Fail(new InvalidOperationException("the daemon is too busy: try again later"));
        return request.Done;
    }
}

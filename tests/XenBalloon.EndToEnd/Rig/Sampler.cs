namespace XenBalloon.EndToEnd.Rig;

/// <summary>The witness running in dom0.</summary>
internal sealed class Sampler
{
    private const string File = "/tmp/samples";
    private readonly XenHost host;
    private readonly string pid;

    private Sampler(XenHost host, string pid)
    {
        this.host = host;
        this.pid = pid;
    }

    public static async Task<Sampler> StartAsync(XenHost host) =>
        new(host, (await host.RunAsync($"sampler 500 > {File} 2>&1 & echo $!").ConfigureAwait(false)).Trim());

    public async Task<Timeline> StopAsync()
    {
        await host.TryAsync($"kill {pid}").ConfigureAwait(false);
        return new Timeline((await host.ReadFileAsync(File).ConfigureAwait(false)).Split('\n').Select(Sample.Parse).OfType<Sample>());
    }
}

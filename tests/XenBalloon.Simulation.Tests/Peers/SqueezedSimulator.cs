using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Policies;

namespace XenBalloon.Simulation.Tests.Peers;

/// <summary>The host of squeezed's own simulator. A tick is 0.1; nobody can take what is not free.</summary>
internal sealed class SqueezedSimulator(params SqueezedVm[] vms)
{
    private int ticks;

    public KiB Free { get; set; }

    /// <summary>Whether some balloon has wanted more than was free.</summary>
    public bool Overallocated { get; private set; }

    /// <summary>Whether some target was ever beyond its cap.</summary>
    public bool TargetBeyondCap { get; private set; }

    /// <summary>What would be free if everyone went as far above his target as still counts as hit.</summary>
    public KiB GuaranteedFree => Free - new KiB(vms.Sum(vm => (vm.Domain.Target + vm.Domain.Inaccuracy - vm.Domain.Actual).Value));

    /// <summary>Carries a call out to its end, or until somebody over-allocates.</summary>
    public SqueezeStep Run(SqueezeCall call)
    {
        while (true)
        {
            SqueezeStep step = call.Step(new SqueezedHost(Free, [.. vms.Select(vm => vm.Domain)]), TimeSpan.FromSeconds(ticks / 10.0));
            foreach ((int id, KiB size) in step.Sizes)
            {
                SqueezedVm vm = vms.Single(vm => vm.Domain.Id == id);
                vm.SetSize(size);
                TargetBeyondCap |= vm.Domain.Target > vm.MaxMem;
            }

            if (step.Outcome != SqueezeOutcome.Working) return step;
            ticks++;
            foreach (SqueezedVm vm in vms)
            {
                KiB taken = vm.Update(ticks / 10.0);
                Overallocated |= taken > Free;
                if (Overallocated) return step;
                Free -= taken;
            }
        }
    }
}

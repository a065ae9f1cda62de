using XenBalloon.CommandLine;
using XenBalloon.Simulation.Command;

StandardDescriptors.Ensure();
return (int)SimulateCommand.Run(args, Terminal.OfProcess());

"""The circuit of Ex Nihilo as code: values, netlist, sheets, simulation, panel, parts."""
